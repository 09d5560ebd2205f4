import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Connect } from 'vite'
import type { PlannedCutout } from '../core/cutouts.ts'
import type { ImportSite } from '../core/errors.ts'
import type { SourceFinder } from '../core/find-source.ts'
import { parseUrlReference } from '../references/reference.ts'
import { deliverCutout } from './deliver.ts'
import { planSite } from './resolve.ts'
import { stripBase, toServedPath } from './served-path.ts'
import type { PluginState } from './state.ts'

/**
 * Middleware that answers a marked URL with the finished picture. In development Vue's templates bring such URLs to the
 * page as they are written; in a build they are imports.
 */
export function serveMarkedUrls(state: PluginState): Connect.NextHandleFunction {
  const { base, root } = state.config
  // Which page asks is not told; a page that is renewed renews all.
  const page = join(root, 'index.html')
  return async ({ url = '' }, response, next) => {
    try {
      const site: ImportSite = { text: stripBase(base, url), importer: undefined }
      const planned = await planUrl(state, site, page)
      if (!planned) return next()
      const path = toServedPath(state.config, await deliverCutout(state, planned, site, page))
      const location = base + encodeURI(path).slice(1) + planned.postfix
      response.writeHead(302, { Location: location, 'Cache-Control': 'no-cache' }).end()
    } catch (error) {
      next(error)
    }
  }
}

async function planUrl(
  state: PluginState,
  site: ImportSite,
  page: string,
): Promise<PlannedCutout | undefined> {
  const { root, publicDir } = state.config
  const reference = parseUrlReference(site.text)
  // A module that imports a picture has its file's URL already.
  if (!reference || !state.options.enabled || /[?&]import(?:&|$)/.test(site.text)) return undefined
  const file = join(root, reference.path)
  // Nothing outside is shown to whoever asks: `/@fs/` and the like stay Vite's to refuse.
  if (!file.startsWith(join(root, '/')) || (reference.sibling && !existsSync(file))) return undefined
  const finder: SourceFinder = { importer: page, publicDir, resolve: async path => join(root, path) }
  return planSite(state, reference, finder, site, page)
}
