import { dirname, join } from 'node:path'
import { isGuarded } from '../core/report-unprocessed.ts'
import { resolveInHost } from '../core/resolve-in-host.ts'
import { ALIAS, findAddresses, IMPORTED } from '../references/addresses.ts'
import { isFile } from '../references/is-file.ts'
import { locateText } from '../references/locate.ts'
import { blankStrings, quotesCode } from '../references/quoted-code.ts'
import { MARKED_TEXT, type Reference, stripPostfix } from '../references/reference.ts'
import type { FoundString } from '../references/strings.ts'
import { describeUnprocessed } from '../references/unprocessed.ts'
import { isStyleSheet } from './css.ts'
import { insertLatePlugin, isScript } from './new-url.ts'
import { findImporter } from './page.ts'
import type { HookContext, PluginState } from './state.ts'

const HINT = `In components of Svelte, Astro and JSX the compiler does not change the value of src. The built page would contain a link to a file
that does not exist. Import the picture (import ada from './ada.jpg?nobg'), and write src={ada}. In SvelteKit, <enhanced:img> works too.`

/** The module is the text of its file. */
const TEXT_ID = /[?&](?:raw|url|inline)\b/

/**
 * Inserts the plugin that finds the marked addresses that no other plugin resolves, such as
 * `<img src="$lib/ada.jpg?nobg">` in a component of Svelte. The guard of a build reports them. A development server warns.
 *
 * @param opened the state of the config that gets the plugin.
 * @param readState returns the current state: Astro resolves several configs with one plugin, and each opens a state.
 */
export function insertDeadLinkPlugin(opened: PluginState, readState: () => PluginState): void {
  if (!isGuarded(opened.options)) return
  insertLatePlugin(opened, {
    name: 'nobg:dead-links',
    transform: {
      filter: { code: MARKED_TEXT },
      async handler(code, id) {
        const state = readState()
        state.deadLinks.delete(id)
        if (!MARKED_TEXT.test(code) || !isScript(id) || isStyleSheet(id) || TEXT_ID.test(id)) return
        const found = await findDeadLinks(state, this, code, id)
        if (found.length === 0) return
        if (state.server) state.config.logger.warnOnce(describeUnprocessed(found, HINT))
        else state.deadLinks.set(id, found)
      },
    },
  })
}

async function findDeadLinks(
  state: PluginState,
  context: HookContext,
  code: string,
  id: string,
): Promise<string[]> {
  if (findAddresses(code).length === 0) return []
  const importer = findImporter(state.config.root, id)
  const found = new Set<string>()
  for (const reference of findAddresses(blankStrings(code, isQuoted))) {
    if (!(await isDead(state, context, reference, importer))) continue
    const location = locateText(importer, reference.specifier, IMPORTED)
    const place = location ? `${importer}:${location.line}:${location.column + 1}` : importer
    found.add(`${reference.specifier} in ${place}`)
  }
  return [...found]
}

/** Whether a string only quotes code. Compilers write markup into templates: a literal with markup is a text of the page. */
function isQuoted({ text, isText, isLiteral }: FoundString): boolean {
  return isText || (isLiteral && text.includes('<')) || quotesCode(text)
}

/** Whether the author means a file of the project: the path names one from the module or from the root, or is an alias. */
async function isDead(
  { config: { root }, server }: PluginState,
  context: HookContext,
  { path, specifier, sibling }: Reference,
  importer: string,
): Promise<boolean> {
  // The server itself serves such an address, and Vue's compiler writes such addresses in development.
  if (path.startsWith('/')) return !server && isModuleFile(join(root, path))
  const resolve = (text: string) => resolveInHost(context, text, importer).catch(() => undefined)
  if (sibling && isModuleFile(await resolve(stripPostfix(specifier)))) return false
  return ALIAS.test(path) || isModuleFile(join(dirname(importer), path)) || isModuleFile(await resolve(path))
}

function isModuleFile(id: string | undefined): boolean {
  return id !== undefined && isFile(stripPostfix(id))
}
