import type { Plugin } from 'rollup'
import { type External, excludePictures } from '../core/exclude-pictures.ts'
import { hideCache } from '../core/hide-cache.ts'
import { reportLeftOverWords } from '../core/left-over-words.ts'
import { loadFromCache } from '../core/load-from-cache.ts'
import { ensureCutout } from '../core/plan-reference.ts'
import type { Bundle } from '../references/read-bundle.ts'
import { MARKED_TEXT, stripPostfix } from '../references/reference.ts'
import { emitPicture } from './emit.ts'
import { guardBundle } from './guard.ts'
import {
  findRequested,
  isNobgId,
  openState,
  type PluginState,
  type RollupOptions,
  resolveImport,
} from './state.ts'

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
    buildStart() {
      state ??= openState(options, this)
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
        await ensureCutout(state.cutouts, planned)
        return stripPostfix(id) === planned.file ? undefined : loadFromCache(this, id, planned.file)
      },
    },
    outputOptions: output => hideCache(output, path => findRequested(state, path)?.file),
    shouldTransformCachedModule: ({ id }) => state.importers.has(id),
    generateBundle(_, bundle) {
      guardBundle(state.options, this, bundle as Bundle)
    },
    closeBundle() {
      const summary = state?.cutouts.summarize()
      if (summary) this.info(summary)
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
