import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Connect } from 'vite'
import type { PlannedCutout } from '../cutouts.ts'
import type { Mention } from '../explain.ts'
import type { SourceFinder } from '../find-source.ts'
import { parseUrlReference } from '../reference.ts'
import { deliverCutout } from './deliver.ts'
import type { Door } from './door.ts'
import { planMentioned } from './resolve.ts'
import { stripBase, toServedPath } from './served-path.ts'

/**
 * Middleware that answers a marked URL with the finished picture. In development Vue's templates bring such URLs to the
 * page as they are written; in a build they are imports.
 */
export function answerMarkedUrls(door: Door): Connect.NextHandleFunction {
  const { base, root } = door.config
  // Which page asks is not told; a page that is renewed renews all.
  const page = join(root, 'index.html')
  return async ({ url = '' }, response, next) => {
    try {
      const mention: Mention = { text: stripBase(base, url), importer: undefined }
      const planned = await planUrl(door, mention, page)
      if (!planned) return next()
      const path = toServedPath(door.config, await deliverCutout(door, planned, mention, page))
      const location = base + encodeURI(path).slice(1) + planned.postfix
      response.writeHead(302, { Location: location, 'Cache-Control': 'no-cache' }).end()
    } catch (error) {
      next(error)
    }
  }
}

async function planUrl(door: Door, mention: Mention, page: string): Promise<PlannedCutout | undefined> {
  const { root, publicDir } = door.config
  const reference = parseUrlReference(mention.text)
  // A module that imports a picture has its file's URL already.
  if (!reference || !door.options.enabled || /[?&]import(?:&|$)/.test(mention.text)) return undefined
  const file = join(root, reference.path)
  // Nothing outside is shown to whoever asks: `/@fs/` and the like stay Vite's to refuse.
  if (!file.startsWith(join(root, '/')) || (reference.sibling && !existsSync(file))) return undefined
  const finder: SourceFinder = { importer: page, publicDir, resolve: async path => join(root, path) }
  return planMentioned(door, reference, finder, mention, page)
}
