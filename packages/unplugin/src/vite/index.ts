import type { Plugin } from 'vite'
import { type External, sparePictures } from '../externals.ts'
import type { Options } from '../options.ts'
import { MARKED_TEXT, parseReference, stripPostfix } from '../reference.ts'
import { answerMarkedUrls } from './answer.ts'
import { isStyleSheet, resolveMarkedUrls } from './css.ts'
import { type Door, isImporter, openDoor } from './door.ts'
import { guardBundle } from './guard.ts'
import { invalidateImporters, renewImporters } from './hot.ts'
import { transformHtml } from './html.ts'
import { loadCutout } from './load.ts'
import { insertNewUrlPlugin } from './new-url.ts'
import { nameManifestEntries, nameOutputs } from './outputs.ts'
import { noteReadAssets } from './read-assets.ts'
import { resolveImport, scanImport } from './resolve.ts'
import { restorePictures } from './restore.ts'

export type { CutoutReport, Options } from '../options.ts'

/**
 * nobg for Vite: `import cat from './cat.jpg?nobg'` is the URL of the photograph without its background.
 *
 * ```ts
 * export default defineConfig({ plugins: [nobg()] })
 * ```
 */
export default function nobg(options?: Options): Plugin[] {
  let door: Door

  const main: Plugin = {
    name: 'nobg',
    enforce: 'pre',
    // Workers are bundles of their own with plugins of their own; Vite adds these to the user's.
    config: () => ({ worker: { plugins: () => [nobg(options)] } }),
    configResolved: {
      // Before SvelteKit reads the list of plugins.
      order: 'pre',
      handler(config) {
        // SvelteKit makes pages without this hook, and warns of every plugin that has one.
        if (config.plugins.some(({ name }) => name.startsWith('vite-plugin-sveltekit'))) {
          delete pages.transformIndexHtml
        }
        door = openDoor(options, config)
        insertNewUrlPlugin(door)
        noteReadAssets(door)
      },
    },
    buildStart() {
      resolveMarkedUrls(door)
      const { server } = door
      door.watch = file => (server ? void server.watcher.add(file) : this.addWatchFile(file))
    },
    configureServer(server) {
      door.server = server
      server.middlewares.use(restorePictures(door))
      server.middlewares.use(answerMarkedUrls(door))
    },
    options(input) {
      const { external } = input
      const isOurs = (id: string) =>
        parseReference(id) !== undefined || door.cutouts.find(stripPostfix(id)) !== undefined
      return external ? { ...input, external: sparePictures(external as External, isOurs) } : undefined
    },
    resolveId: {
      order: 'pre',
      filter: { id: MARKED_TEXT },
      async handler(id, importer, options) {
        return isDependencyScan(options)
          ? scanImport(this, id, importer)
          : resolveImport(door, this, id, importer)
      },
    },
    load: {
      order: 'pre',
      filter: { id: /\.(?:png|webp|avif)(?:[?#]|$)/ },
      handler(id) {
        return loadCutout(door, this, id)
      },
    },
    watchChange(id) {
      invalidateImporters(door, id)
    },
    hotUpdate({ file, modules }) {
      return renewImporters(door, this.environment, file, modules)
    },
    // Vite 5 knows only this one; where both are, it is not called.
    handleHotUpdate({ file, modules, server }) {
      return renewImporters(door, { name: 'client', moduleGraph: server.moduleGraph }, file, modules)
    },
    outputOptions: output => nameOutputs(door, output),
    // A style sheet may have its photographs from files that it imports.
    shouldTransformCachedModule: ({ id }) => isImporter(door, id) || isStyleSheet(id),
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        nameManifestEntries(door, bundle, (this.environment?.config ?? door.config).build)
        guardBundle(door, this, bundle)
      },
    },
    closeBundle() {
      const summary = door.cutouts.summarize()
      if (summary && !door.server) door.config.logger.info(summary)
    },
  }

  // After the hooks of all other plugins, so that the pages that they write are seen too, and before Vite reads a page.
  const pages: Plugin = {
    name: 'nobg:pages',
    enforce: 'post',
    transformIndexHtml: {
      order: 'pre',
      handler(html, { filename }) {
        return transformHtml(door, this, html, filename)
      },
    },
  }
  return [main, pages]
}

/** Vite's scan for dependencies, which runs when the server starts. */
function isDependencyScan(options: object): boolean {
  return 'scan' in options && options.scan === true
}
