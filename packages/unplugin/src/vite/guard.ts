import { existsSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import type { ResolvedConfig } from 'vite'
import { type Bundle, readBundle } from '../references/read-bundle.ts'
import { MARKED_TEXT } from '../references/reference.ts'
import { slash } from '../references/slash.ts'
import { describeUnprocessed, findUnprocessed, type Output } from '../references/unprocessed.ts'
import { findDataUris } from './read-assets.ts'
import type { PluginState } from './state.ts'

const HINT = `nobg sees imports, url() and image-set() of style sheets, the asset attributes of pages, and
new URL('…', import.meta.url). It does not see links and data attributes, nor strings. Import the picture in JavaScript.
The public folder is copied as it is: move the picture beside your sources.`

/** The part of a plugin context that the guard uses. */
interface BuildContext {
  getModuleIds(): Iterable<string>
}

/**
 * The guard: a marked reference that reached the output unprocessed would show the original photograph, silently.
 *
 * @throws {Error} where `unprocessed` is `error`, naming each one.
 */
export function guardBundle(state: PluginState, context: BuildContext, bundle: Bundle): void {
  const { unprocessed, enabled } = state.options
  if (unprocessed === 'ignore' || !enabled) return
  const outputs = readBundle(bundle)
  const fileNames = Object.keys(bundle).map(fileName => basename(fileName))
  const isMarked = outputs.some(({ text }) => MARKED_TEXT.test(text))
  const assets = new Set([...fileNames, ...(isMarked ? listPublicPaths(state.config) : [])])
  const found = findUnprocessed(outputs, assets)
  found.push(...findStranded(state, outputs), ...state.unprocessed)
  found.push(...findDataUris(context.getModuleIds()))
  state.unprocessed.clear()
  if (found.length === 0) return
  if (unprocessed === 'warn') state.config.logger.warn(describeUnprocessed(found, HINT))
  else throw Object.assign(new Error(describeUnprocessed(found, HINT)), { stack: '' })
}

/** The paths of the public folder's files on the site, with and without its base, from which code may leave it out. */
function listPublicPaths({ publicDir, base }: ResolvedConfig): string[] {
  if (!publicDir || !existsSync(publicDir)) return []
  const names = readdirSync(publicDir, { recursive: true }).map(name => slash(String(name)))
  return names.flatMap(name => [`/${name}`, ...(base.startsWith('/') ? [base + name] : [])])
}

/** Finished pictures whose files in the cache a page still names, where a version of Vite does not know the attribute. */
function findStranded({ cutouts }: PluginState, outputs: Output[]): string[] {
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
