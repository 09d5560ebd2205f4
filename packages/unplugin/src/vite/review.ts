import type { Review, ReviewedPicture } from '@nobg/review'
import type { ResolvedConfig, ViteDevServer } from 'vite'
import { stripPostfix } from '../references/reference.ts'
import { slash } from '../references/slash.ts'
import { announceChange } from './hot.ts'
import { findImporter } from './page.ts'
import type { PluginState } from './state.ts'

/** URL path of the review below the base. */
const PATH = '__nobg/'

/**
 * Serves the page that reviews the mattes of the project, and prints its address after those of the server. The package of
 * the page is loaded at its first request.
 */
export function mountReview(state: PluginState, server: ViteDevServer): void {
  const { remover } = state.cutouts
  if (!remover) return
  const base = `${state.config.base}${PATH}`
  let opened: Promise<{ review: Review; listener: Middleware }> | undefined

  async function open() {
    const { createReview, toListener } = await import('@nobg/review')
    const review = createReview({
      remover,
      config: state.cutouts.config,
      base,
      allowedHosts: listAllowedHosts(state.config),
      listPictures: () => listPictures(state),
      onSaved: path => announceChange(state, path),
    })
    server.watcher.on('change', path => review.refresh(slash(path)))
    return { review, listener: toListener(review) as Middleware }
  }

  server.middlewares.use((request, response, next) => {
    const path = stripPostfix(request.url ?? '')
    if (!path.startsWith(base) && `${path}/` !== base) return next()
    opened ??= open()
    opened.then(({ listener }) => listener(request, response)).catch(next)
  })
  printAddress(state, server)
}

type Middleware = (request: object, response: object) => void

/** The pictures that modules and pages have requested so far. */
function* listPictures({ cutouts, importers, config }: PluginState): Generator<ReviewedPicture> {
  for (const { source, plan, matte } of cutouts.list()) {
    if (!plan) continue
    const ids = [...(importers.get(source) ?? [])]
    const options = { ...plan.options, ...(matte !== undefined && { matte }) }
    yield { path: source, options, importedBy: ids.map(id => findImporter(config.root, id)) }
  }
}

/** The hosts that Vite allows by name. `true` allows every host, which a review does not. */
function listAllowedHosts({ server }: ResolvedConfig): string[] {
  const { allowedHosts, host } = server
  const named = Array.isArray(allowedHosts) ? allowedHosts : []
  const isAddress = typeof host === 'string' && !['0.0.0.0', '::'].includes(host)
  return isAddress ? [host, ...named] : named
}

function printAddress({ config }: PluginState, server: ViteDevServer): void {
  const print = server.printUrls
  server.printUrls = () => {
    print()
    const [url] = server.resolvedUrls?.local ?? []
    if (url) config.logger.info(`  ➜  nobg:    ${new URL(PATH, url)}`)
  }
}
