import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import type { ImportSite } from '../core/errors.ts'
import type { SourceFinder } from '../core/find-source.ts'
import { type AssetSources, findHtmlRanges, isAssetAttribute } from '../references/html.ts'
import { findReference, type Location, locateOffset } from '../references/locate.ts'
import { rewriteRanges } from '../references/text-range.ts'
import { provideCutout } from './deliver.ts'
import { reportLeftOver } from './left-over.ts'
import { findPage } from './page.ts'
import { planSite } from './resolve.ts'
import { toServedPath } from './served-path.ts'
import type { PluginState } from './state.ts'

/**
 * Replaces the marked references of a page by the files of the pictures, because Vite reads the assets of a page without
 * calling plugins. A build waits for the pictures.
 *
 * @param filename absolute path of the page. With a server, the path comes from a request's URL, and the file may not exist.
 * @throws {LocatedError}
 */
export async function transformHtml(
  state: PluginState,
  html: string,
  filename: string,
): Promise<string | undefined> {
  const { root, publicDir } = state.config
  const page = findPage(root, filename)
  const finder: SourceFinder = {
    publicDir,
    // As in Vite: no aliases, a leading slash means the project's root, and a bare name is relative to the page's file or to
    // its URL.
    resolve: async path =>
      path.startsWith('/')
        ? join(root, path)
        : [page, filename].map(base => join(dirname(base), path)).find(existsSync),
  }
  const additional = findAssetSources(state)
  const ranges = findHtmlRanges(html, additional).filter(range => isAssetAttribute(range, additional))
  const result = await rewriteRanges(html, ranges, async (reference, { start, end }) => {
    const site: ImportSite = {
      text: reference.specifier,
      importer: page,
      importerId: page,
      // Computed only for an error, because it reads the page.
      get location() {
        const offset = findReference(html.slice(start, end), reference.specifier) ?? 0
        return locateInPage(page, html, start + offset)
      },
    }
    const watch = (file: string) => state.watch(file)
    const planned = await planSite(state, { ...reference, isFinal: true }, finder, site, watch)
    if (!planned) return undefined
    // Vite reads the assets of a page without calling plugins.
    reportLeftOver(state, planned)
    const file = await provideCutout(state, planned)
    if (planned.keptMatte) state.watch(planned.keptMatte)
    // Vite adds the base.
    const path = state.server ? toServedPath(state.config, file) : toRelativePath(page, file)
    return encodeURI(path) + planned.postfix
  })
  return result?.toString()
}

/** The location; undefined if another plugin has changed the page. */
function locateInPage(page: string, html: string, start: number): Location | undefined {
  return existsSync(page) && readFileSync(page, 'utf8') === html ? locateOffset(page, html, start) : undefined
}

/** Vite 8 has an option for additional asset attributes. */
function findAssetSources({ config }: PluginState): AssetSources | undefined {
  return config.html?.additionalAssetSources
}

function toRelativePath(page: string, file: string): string {
  const path = relative(dirname(page), file).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
}
