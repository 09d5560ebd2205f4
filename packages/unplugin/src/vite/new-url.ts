import { dirname, relative } from 'node:path'
import MagicString from 'magic-string'
import type { Plugin } from 'vite'
import type { SourceFinder } from '../core/find-source.ts'
import { resolveInHost } from '../core/resolve-in-host.ts'
import { findNewUrlRanges } from '../references/new-url.ts'
import { MARKED_TEXT, type Reference } from '../references/reference.ts'
import { slash } from '../references/slash.ts'
import { findImporter } from './page.ts'
import { planSite } from './resolve.ts'
import type { HookContext, PluginState, Transformed } from './state.ts'

const SCRIPT_ID = /\.(?:[cm]?[jt]sx?|vue|svelte|astro)(?:$|\?)|[?&]lang\.[jt]s/

/** Whether a module is a script or a component. Documents only quote code. */
export function isScript(id: string): boolean {
  return SCRIPT_ID.test(id)
}

/** Vite's plugin that reads the file of a `new URL()`. */
const READER = 'vite:asset-import-meta-url'

/**
 * Inserts a `transform` directly before Vite's for `new URL()`, so that it gets the output of all other plugins. The config
 * has no way to put a plugin there.
 */
export function insertLatePlugin(state: PluginState, plugin: Plugin): void {
  const plugins = state.config.plugins as Plugin[]
  const reader = plugins.findIndex(({ name }) => name === READER)
  plugins.splice(Math.max(0, reader), 0, plugin)
}

/** Inserts the plugin that processes `new URL()`. */
export function insertNewUrlPlugin(state: PluginState): void {
  insertLatePlugin(state, {
    name: 'nobg:new-url',
    transform: {
      filter: { code: MARKED_TEXT },
      handler(code, id) {
        const isMarked = MARKED_TEXT.test(code) && code.includes('import.meta.url')
        return isMarked && isScript(id) ? transformNewUrls(state, this, code, id) : undefined
      },
    },
  })
}

/**
 * Turns `new URL('./a.jpg?nobg', import.meta.url)` into an import, because Vite reads the file of the URL without calling
 * plugins. The import is a glob: as an expression, a glob works in component files too. Vite does the same for templates.
 *
 * @throws {LocatedError}
 */
async function transformNewUrls(
  state: PluginState,
  context: HookContext,
  code: string,
  id: string,
): Promise<Transformed | undefined> {
  const importer = findImporter(state.config.root, id)
  const result = new MagicString(code)
  for (const { start, end, reference } of findNewUrlRanges(code)) {
    const path = /^(?:[./@~#]|\w+:)/.test(reference.path) ? reference.path : `./${reference.path}`
    const finder: SourceFinder = {
      publicDir: state.config.publicDir,
      resolve: path => resolveInHost(context, path, importer),
    }
    const located = { ...reference, path }
    // A glob without a match is no error, so that a missing photograph must be reported here.
    const site = { text: reference.specifier, importer, importerId: id }
    const planned = await planSite(state, located, finder, site)
    if (!planned) continue
    const pattern = toGlobPath(state.config.root, importer, planned.source)
    result.update(start, end, `new URL(${writeImport(pattern, reference)}, import.meta.url)`)
  }
  return result.hasChanged()
    ? { code: result.toString(), map: result.generateMap({ hires: 'boundary' }) }
    : undefined
}

/** The photograph's path from the project's root or from the module, because a glob resolves no aliases. */
function toGlobPath(root: string, importer: string, source: string): string {
  if (source.startsWith(`${root}/`)) return source.slice(root.length)
  const path = slash(relative(dirname(importer), source))
  return path.startsWith('.') ? path : `./${path}`
}

function writeImport(path: string, { preset, words, mattes = [], fragment }: Reference): string {
  const pattern = JSON.stringify(path.replace(/[\\*?[\]{}()!+@|]/g, '\\$&'))
  const marker = preset === undefined ? 'nobg' : `nobg=${encodeURIComponent(preset)}`
  const options = {
    eager: true,
    exhaustive: true,
    import: 'default',
    query: `?${[...[...words, ...mattes].map(({ text }) => text), marker].join('&')}${fragment}`,
  }
  return `Object.values(import.meta.glob(${pattern}, ${JSON.stringify(options)}))[0]`
}
