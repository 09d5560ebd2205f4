import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Connect } from 'vite'
import type { PlannedCutout } from '../core/cutouts.ts'
import type { ImportSite } from '../core/errors.ts'
import type { SourceFinder } from '../core/find-source.ts'
import { parseUrlReference } from '../references/reference.ts'
import { holdRequest, toUrl } from './hold-request.ts'
import { planSite } from './resolve.ts'
import { stripBase } from './served-path.ts'
import { stripTime } from './stand-ins.ts'
import type { PluginState } from './state.ts'

/**
 * Middleware that redirects a marked URL to the finished picture. In development, the URLs in Vue's templates reach the
 * browser as written. In a build they are imports.
 */
export function serveMarkedUrls(state: PluginState): Connect.NextHandleFunction {
  const { base, root } = state.config
  // A request does not name its page. A reload of any page reloads all pages.
  const page = join(root, 'index.html')
  return async (request, response, next) => {
    try {
      const text = stripTime(stripBase(base, request.url ?? ''))
      const site: ImportSite = { text, importer: undefined, importerId: page }
      const planned = await planUrl(state, site)
      if (!planned) return next()
      const result = await holdRequest(state, planned, request, response)
      if (result === 'replaced') return next()
      if (result === 'answered') return
      const location = toUrl(state, planned.file) + planned.postfix
      response.writeHead(302, { Location: location, 'Cache-Control': 'no-cache' }).end()
    } catch (error) {
      next(error)
    }
  }
}

async function planUrl(state: PluginState, site: ImportSite): Promise<PlannedCutout | undefined> {
  const { root, publicDir } = state.config
  const reference = parseUrlReference(site.text)
  // The import of a module already has the URL of the picture's file.
  if (!reference || !state.options.enabled || /[?&]import(?:&|$)/.test(site.text)) return undefined
  const file = join(root, reference.path)
  // Files outside the root are not served. Vite itself checks requests for `/@fs/`.
  if (!file.startsWith(join(root, '/')) || (reference.sibling && !existsSync(file))) return undefined
  const finder: SourceFinder = { publicDir, resolve: async path => join(root, path) }
  return planSite(state, reference, finder, site)
}
