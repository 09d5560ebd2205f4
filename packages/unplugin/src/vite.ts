import '@nobg/core/check-node'
import type { Plugin, ResolvedConfig } from 'vite'
import { forCommonJs } from './core/common-js.ts'
import { type External, excludePictures } from './core/exclude-pictures.ts'
import type { Options } from './core/options.ts'
import { MARKED_TEXT, parseReference, stripPostfix } from './references/reference.ts'
import { isStyleSheet, resolveMarkedUrls } from './vite/css.ts'
import { insertDeadLinkPlugin } from './vite/dead-links.ts'
import { guardBundle } from './vite/guard.ts'
import { invalidateImporters } from './vite/hot.ts'
import { transformHtml } from './vite/html.ts'
import { insertLeftOverPlugin } from './vite/left-over.ts'
import { loadCutout } from './vite/load.ts'
import { findChanged, renewChanged } from './vite/mattes.ts'
import { insertNewUrlPlugin } from './vite/new-url.ts'
import { nameManifestEntries, nameOutputs } from './vite/outputs.ts'
import { extendClient, VITE_CLIENT } from './vite/page-client.ts'
import { recordReadAssets } from './vite/record-read-assets.ts'
import { forgetErrors, hideRepeatedErrors } from './vite/repeated-errors.ts'
import { resolveImport, scanImport } from './vite/resolve.ts'
import { mountReview } from './vite/review.ts'
import { serveMarkedUrls } from './vite/serve-marked-urls.ts'
import { servePictures } from './vite/serve-pictures.ts'
import { listenToPages } from './vite/stand-ins.ts'
import {
  isImporter,
  isRenderingServer,
  openState,
  type PluginState,
  shareState,
  watchOutside,
} from './vite/state.ts'
import { watchTraffic } from './vite/traffic.ts'
import { warmUp } from './vite/warm-up.ts'
import { checkWrittenPages } from './vite/written-pages.ts'

export type { CutoutReport, Options } from './core/options.ts'

/**
 * nobg for Vite: `import cat from './cat.jpg?nobg'` is the URL of the photograph without its background.
 *
 * ```ts
 * export default defineConfig({ plugins: [nobg()] })
 * ```
 *
 * A wrong option fails the start of Vite; a wrong query or image fails the build, with the location of the import.
 */
export default function nobg(options?: Options): Plugin[] {
  let state: PluginState
  /** Configs of servers that share the state of the first. */
  const rendering = new Set<ResolvedConfig>()

  const main: Plugin = {
    name: 'nobg',
    enforce: 'pre',
    // Workers are separate bundles with separate plugins. Vite adds these plugins to the user's.
    config: () => ({ worker: { plugins: () => [nobg(options)] } }),
    configResolved: {
      // Before SvelteKit reads the list of plugins.
      order: 'pre',
      handler(config) {
        // SvelteKit does not use this hook, and warns about every plugin that has it.
        if (config.plugins.some(({ name }) => name.startsWith('vite-plugin-sveltekit'))) {
          delete pages.transformIndexHtml
        }
        if (isRenderingServer(state, config)) rendering.add(config)
        else state = openState(options, config)
        const opened = rendering.has(config) ? shareState(state, config) : state
        insertNewUrlPlugin(opened)
        const readState = () => (rendering.has(config) ? opened : state)
        insertDeadLinkPlugin(opened, readState)
        insertLeftOverPlugin(config, readState)
        recordReadAssets(opened)
      },
    },
    buildStart() {
      // Vite 5 has no environments.
      resolveMarkedUrls(state, this.environment?.getTopLevelConfig())
      const { server } = state
      state.builds?.begin()
      state.watch = file => (server ? watchOutside(state, file) : state.creations.add(this, file))
    },
    configureServer(server) {
      if (rendering.has(server.config)) return void state.renderers.add(server)
      state.server = server
      hideRepeatedErrors(state)
      mountReview(state, server)
      server.middlewares.use(servePictures(state))
      server.middlewares.use(serveMarkedUrls(state))
      server.middlewares.use(watchTraffic(state.traffic))
      listenToPages(state, server)
      warmUp(state, server)
    },
    options(input) {
      const { external } = input
      const isOurs = (id: string) =>
        parseReference(id) !== undefined || state.cutouts.find(stripPostfix(id)) !== undefined
      return external ? { ...input, external: excludePictures(external as External, isOurs) } : undefined
    },
    resolveId: {
      order: 'pre',
      filter: { id: MARKED_TEXT },
      async handler(id, importer, options) {
        return isDependencyScan(options)
          ? scanImport(this, id, importer)
          : resolveImport(state, this, id, importer)
      },
    },
    load: {
      order: 'pre',
      filter: { id: /\.(?:png|webp|avif)(?:[?#]|$)/ },
      handler(id) {
        return loadCutout(state, this, id)
      },
    },
    transform: {
      filter: { id: VITE_CLIENT },
      handler: (code, id) => (state.server && VITE_CLIENT.test(id) ? extendClient(code) : undefined),
    },
    watchChange(id) {
      forgetErrors(state, id)
      for (const file of findChanged(state, id)) invalidateImporters(state, file)
    },
    hotUpdate({ file, modules }) {
      return renewChanged(state, this.environment, file, modules)
    },
    // Vite 5 calls this hook. Later versions call only `hotUpdate`.
    handleHotUpdate({ file, modules, server }) {
      return renewChanged(state, { name: 'client', moduleGraph: server.moduleGraph }, file, modules)
    },
    // Otherwise the next build of a watcher would report the pictures of this one.
    buildEnd(error) {
      if (error) state.cutouts.forgetDeferred()
    },
    // Not in `buildEnd`: then a build that watches would not watch the files of the failed build.
    renderStart() {
      state.cutouts.reportDeferred()
    },
    outputOptions: output => nameOutputs(state, output),
    // The photographs of a style sheet may be in files that it imports.
    shouldTransformCachedModule: ({ id }) => isImporter(state, id) || isStyleSheet(id),
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        nameManifestEntries(state, bundle, (this.environment?.config ?? state.config).build)
        guardBundle(state, this, bundle)
      },
    },
    closeWatcher() {
      state.creations.close()
    },
    closeBundle() {
      state.isClosed = true
      const { logger } = state.config
      if (state.builds?.end())
        state.cutouts.logSummary({ info: line => logger.info(line), warn: line => logger.warn(line) })
    },
  }

  // Runs after the hooks of all other plugins, to process the pages that they write, and before Vite reads a page.
  const pages: Plugin = {
    name: 'nobg:pages',
    enforce: 'post',
    transformIndexHtml: {
      order: 'pre',
      handler(html, { filename }) {
        return transformHtml(state, html, filename)
      },
    },
  }
  return [main, pages, checkWrittenPages(() => state)]
}

const commonJs = forCommonJs(nobg)

export { commonJs as 'module.exports' }

/** Whether Vite's scan for dependencies, which runs when the server starts, calls a hook. */
function isDependencyScan(options: object): boolean {
  return 'scan' in options && options.scan === true
}
