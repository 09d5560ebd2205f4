import type { Plugin } from 'rollup'
import { type External, excludePictures } from '../core/exclude-pictures.ts'
import { hideCache } from '../core/hide-cache.ts'
import { reportLeftOverWords } from '../core/left-over-words.ts'
import { loadFromCache } from '../core/load-from-cache.ts'
import { nameVariants } from '../core/name-variants.ts'
import { ensureCutout } from '../core/plan-reference.ts'
import type { Bundle } from '../references/read-bundle.ts'
import { MARKED_TEXT, stripPostfix } from '../references/reference.ts'
import { emitPicture } from './emit.ts'
import { guardBundle } from './guard.ts'
import {
  findRequested,
  isInCache,
  isNobgId,
  openState,
  type PluginState,
  placeUnique,
  type RollupOptions,
  resolveImport,
} from './state.ts'

/** `@rollup/plugin-url` copies files to names of its own pattern, which may have no hash, and overwrites in silence. */
const URL_PLUGIN = 'url'

/** The module of a picture whose error is deferred. */
const NO_PICTURE = { code: 'export default undefined', moduleType: 'js' }

/** Creates two plugins: the first makes pictures before other plugins run, the second emits pictures that no other plugin has loaded. */
export function createPlugins(options: RollupOptions = {}): Plugin[] {
  let state: PluginState

  const maker: Plugin = {
    name: 'nobg',
    options(input) {
      const { external } = input
      return external
        ? { ...input, external: excludePictures(external as External, id => isNobgId(state, id)) }
        : undefined
    },
    buildStart({ plugins }) {
      state ??= openState(options, this)
      state.copiesByName = plugins.some(({ name }) => name === URL_PLUGIN)
    },
    resolveId: {
      order: 'pre',
      handler(id, importer) {
        return MARKED_TEXT.test(id) ? resolveImport(state, this, id, importer) : undefined
      },
    },
    load: {
      order: 'pre',
      async handler(id) {
        const planned = findRequested(state, id)
        if (!planned) return undefined
        const made = await ensureCutout(state.cutouts, planned)
        // The error is reported when all modules are loaded.
        if (made !== planned.file) return NO_PICTURE
        // Now the file exists.
        if (planned.keptMatte) this.addWatchFile(planned.keptMatte)
        if (!planned.plan || stripPostfix(id) !== planned.modulePath) return undefined
        const file = state.copiesByName ? await placeUnique(state, planned) : planned.file
        return loadFromCache(this, id, planned, file)
      },
    },
    // Otherwise the next build of a watcher would report the pictures of this one.
    buildEnd(error) {
      if (error) state?.cutouts.forgetDeferred()
    },
    // Not in `buildEnd`: then Rollup would not watch the files of the failed build.
    renderStart() {
      state.cutouts.reportDeferred()
    },
    outputOptions(output) {
      const named = nameVariants(output, file => findRequested(state, file)?.variant)
      return hideCache(named, path => (isInCache(state, path) ? path : undefined)) ?? named
    },
    shouldTransformCachedModule: ({ id }) => state.importers.has(id),
    generateBundle(_, bundle) {
      guardBundle(state.options, this, bundle as Bundle)
    },
    closeWatcher() {
      state?.creations.close()
    },
    closeBundle() {
      state?.cutouts.logSummary({ info: line => this.info(line), warn: line => this.warn(line) })
    },
  }

  const emitter: Plugin = {
    name: 'nobg:emit',
    load: {
      order: 'post',
      handler(id) {
        const planned = findRequested(state, id)
        if (!planned) return undefined
        // This is the last hook: no plugin has read the words in the query.
        reportLeftOverWords(planned, message => this.warn(message))
        return options.emit === false ? undefined : emitPicture(this, planned)
      },
    },
  }
  return [maker, emitter]
}
