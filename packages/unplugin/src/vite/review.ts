import type { Review, ReviewedPicture } from '@nobg/review'
import type { ResolvedConfig, ViteDevServer } from 'vite'
import { stripPostfix } from '../references/reference.ts'
import { slash } from '../references/slash.ts'
import { announceChange } from './hot.ts'
import { findImporter } from './page.ts'
import type { PluginState } from './state.ts'

/** URL path of the review below the base. */
const PATH = '__nobg/'
/** Start of the line with its address, in hosts that print no addresses of Vite. */
const LABEL = 'nobg: review the cutouts at '

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

  const announce = announceReview(state, server)
  server.middlewares.use((request, response, next) => {
    if (request.headers.host) announce(`http://${request.headers.host}`)
    const path = stripPostfix(request.url ?? '')
    if (!path.startsWith(base) && `${path}/` !== base) return next()
    opened ??= open()
    opened.then(({ listener }) => listener(request, response)).catch(next)
  })
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

/** Prints the address of the review once per start, after the addresses of the server if the host prints those of Vite. */
function announceReview({ config }: PluginState, server: ViteDevServer): (origin: string) => void {
  const { printUrls, listen } = server
  let hasPrinted = false
  const print = (line: string) => {
    hasPrinted = true
    config.logger.info(line)
  }
  const printLocal = (label: string) => {
    const [url] = server.resolvedUrls?.local ?? []
    if (url) print(`${label}${new URL(PATH, url)}`)
  }
  server.printUrls = () => {
    printUrls()
    printLocal('  ➜  nobg:    ')
  }
  // Astro prints other addresses.
  if (config.plugins.some(({ name }) => name.startsWith('astro:'))) {
    server.listen = async (...args) => {
      const listening = await listen(...args)
      printLocal(LABEL)
      return listening
    }
  }
  // A host with a server of its own, such as Nuxt, is known from the first request.
  return origin => {
    if (!hasPrinted && config.server.middlewareMode) print(`${LABEL}${origin}${config.base}${PATH}`)
  }
}
