import { basename } from 'node:path'
import type { ResolvedConfig } from 'vite'
import { isGuarded, reportUnprocessed, throwMessage } from '../core/report-unprocessed.ts'
import { listFiles } from '../references/output-files.ts'
import { type Bundle, readBundle } from '../references/read-bundle.ts'
import { MARKED_TEXT } from '../references/reference.ts'
import { findUnprocessed, type Output } from '../references/unprocessed.ts'
import { findDataUris } from './record-read-assets.ts'
import type { PluginState } from './state.ts'

const HINT = `nobg processes imports, url() and image-set() of style sheets, the asset attributes of pages, and
new URL('…', import.meta.url). It does not process links, data attributes or strings. In components of Svelte, Astro and JSX
it does not process src attributes. Import the picture in JavaScript. In SvelteKit, <enhanced:img> works too. Vite copies the public folder
unchanged: move the picture next to your sources.`

/** The part of a plugin context that the guard uses. */
interface BuildContext {
  getModuleIds(): Iterable<string>
}

/**
 * Reports the marked references that are left in a bundle, as the option `unprocessed` says.
 *
 * @throws {Error} if `unprocessed` is `error`; the message lists the references.
 */
export function guardBundle(state: PluginState, context: BuildContext, bundle: Bundle): void {
  if (!isGuarded(state.options)) return
  const outputs = readBundle(bundle)
  const fileNames = Object.keys(bundle).map(fileName => basename(fileName))
  const isMarked = outputs.some(({ text }) => MARKED_TEXT.test(text))
  const assets = new Set([...fileNames, ...(isMarked ? listPublicPaths(state.config) : [])])
  const found = findUnprocessed(outputs, assets)
  found.push(...findCachePaths(state, outputs), ...state.unprocessed)
  for (const id of context.getModuleIds()) found.push(...(state.deadLinks.get(id) ?? []))
  found.push(...findDataUris(context.getModuleIds()))
  state.unprocessed.clear()
  for (const line of found) state.reported.add(line)
  reportUnprocessed(state.options, found, HINT, {
    warn: message => state.config.logger.warn(message),
    fail: throwMessage,
  })
}

/** The URL paths of the public folder's files, with and without the site's base, because code may leave the base out. */
function listPublicPaths({ publicDir, base, logger }: ResolvedConfig): string[] {
  if (!publicDir) return []
  // Vite copies what a link names.
  const names = listFiles(publicDir, message => logger.warn(message), true)
  return names.flatMap(name => [`/${name}`, ...(base.startsWith('/') ? [base + name] : [])])
}

/** The pictures whose path in the cache is left in a page, because this version of Vite does not process the attribute. */
function findCachePaths({ cutouts }: PluginState, outputs: Output[]): string[] {
  const folder = `/${basename(cutouts.cacheDir)}/`
  const labels = new Map(
    [...cutouts.list()].map(({ file, label }) => [encodeURI(file.slice(cutouts.cacheDir.length + 1)), label]),
  )
  return outputs
    .filter(({ fileName, text }) => /\.html?$/.test(fileName) && text.includes(folder))
    .flatMap(({ fileName, text }) => {
      const addresses = text
        .split(/[\s"'`()<>?#]/)
        .map(url => url.slice(url.lastIndexOf(folder) + folder.length))
      const found = addresses.map(address => labels.get(address)).filter(label => label !== undefined)
      return found.map(label => `${label} in ${fileName}`)
    })
}
