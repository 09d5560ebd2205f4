import type { Plugin } from 'rollup'
import { type External, sparePictures } from '../externals.ts'
import { hideCache } from '../hide-cache.ts'
import { loadElsewhere } from '../load-elsewhere.ts'
import { ensureCutout } from '../plan-reference.ts'
import type { Bundle } from '../read-bundle.ts'
import { MARKED_TEXT, stripPostfix } from '../reference.ts'
import { type Door, findAnswer, isOurs, openDoor, type RollupOptions, resolveImport } from './door.ts'
import { emitPicture } from './emit.ts'
import { guardBundle } from './guard.ts'

/** The two plugins: one makes the pictures before all others ask, one emits what no other has loaded. */
export function createPlugins(options: RollupOptions = {}): Plugin[] {
  let door: Door

  const maker: Plugin = {
    name: 'nobg',
    options(input) {
      const { external } = input
      return external
        ? { ...input, external: sparePictures(external as External, id => isOurs(door, id)) }
        : undefined
    },
    buildStart() {
      door ??= openDoor(options, this)
    },
    resolveId: {
      order: 'pre',
      handler(id, importer) {
        return MARKED_TEXT.test(id) ? resolveImport(door, this, id, importer) : undefined
      },
    },
    load: {
      order: 'pre',
      async handler(id) {
        const answer = findAnswer(door, id)
        if (!answer) return undefined
        const { planned, mention } = answer
        await ensureCutout(door.cutouts, planned, mention)
        return stripPostfix(id) === planned.file ? undefined : loadElsewhere(this, id, planned.file)
      },
    },
    outputOptions: output => hideCache(output, path => findAnswer(door, path)?.planned.file),
    shouldTransformCachedModule: ({ id }) => door.importers.has(id),
    generateBundle(_, bundle) {
      guardBundle(door.options, this, bundle as Bundle)
    },
    closeBundle() {
      const summary = door?.cutouts.summarize()
      if (summary) this.info(summary)
    },
  }

  const emitter: Plugin = {
    name: 'nobg:emit',
    load: {
      order: 'post',
      handler(id) {
        const answer = findAnswer(door, id)
        return answer && emitPicture(this, answer.planned)
      },
    },
  }
  return options.emit === false ? [maker] : [maker, emitter]
}
