import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import type { Mention } from '../explain.ts'
import type { SourceFinder } from '../find-source.ts'
import { type AssetSources, findHtmlSpots, isAssetAttribute } from '../html-spots.ts'
import { type Location, locateOffset } from '../locate.ts'
import { rewriteSpots } from '../spot.ts'
import { deliverCutout } from './deliver.ts'
import type { Door, HookContext } from './door.ts'
import { findPage } from './page.ts'
import { planMentioned } from './resolve.ts'
import { toServedPath } from './served-path.ts'

/** The `this` of a `transformIndexHtml` hook, a plugin context in a build; older versions of Vite leave it out. */
type HtmlContext = object | undefined

/**
 * Puts the files of finished pictures in place of the marked references of a page, because Vite reads a page's assets
 * without asking any plugin. Waits for the pictures.
 *
 * @param filename absolute path of the page; with a server, of a file that need not exist, made from a request's address.
 * @throws {LocatedError}
 */
export async function transformHtml(
  door: Door,
  context: HtmlContext,
  html: string,
  filename: string,
): Promise<string | undefined> {
  const { root, publicDir } = door.config
  const page = findPage(root, filename)
  const finder: SourceFinder = {
    importer: page,
    publicDir,
    // As Vite reads a page: no aliases, a leading slash is the project's root, a bare name is relative to the page's file
    // or to its address.
    resolve: async path =>
      path.startsWith('/')
        ? join(root, path)
        : [page, filename].map(base => join(dirname(base), path)).find(existsSync),
  }
  const additional = findAssetSources(door)
  const spots = findHtmlSpots(html, additional).filter(spot => isAssetAttribute(spot, additional))
  const result = await rewriteSpots(html, spots, async (reference, { start }) => {
    const mention: Mention = {
      text: reference.specifier,
      importer: page,
      // Read only if something is wrong: a place costs a walk through the page.
      get location() {
        return locateInPage(page, html, start)
      },
    }
    const planned = await planMentioned(door, reference, finder, mention, page)
    if (!planned) return undefined
    watchSource(door, context, planned.source)
    const file = await deliverCutout(door, planned, mention, page)
    // Vite adds the base.
    const path = door.server ? toServedPath(door.config, file) : toRelativePath(page, file)
    return encodeURI(path) + planned.postfix
  })
  return result?.toString()
}

/** The place, unless other plugins have changed the page before: then the text is looked up in the file. */
function locateInPage(page: string, html: string, start: number): Location | undefined {
  return existsSync(page) && readFileSync(page, 'utf8') === html ? locateOffset(page, html, start) : undefined
}

/** Vite 8 lets a project name more attributes that are assets. */
function findAssetSources({ config }: Door): AssetSources | undefined {
  return config.html?.additionalAssetSources
}

function watchSource(door: Door, context: HtmlContext, source: string): void {
  if (door.server) door.server.watcher.add(source)
  else if (context && 'addWatchFile' in context) (context as HookContext).addWatchFile(source)
}

function toRelativePath(page: string, file: string): string {
  const path = relative(dirname(page), file).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
}
