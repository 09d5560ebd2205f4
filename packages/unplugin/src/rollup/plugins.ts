import type { Plugin } from 'rollup'
import { type External, sparePictures } from '../externals.ts'
import type { Options } from '../options.ts'
import { ensureCutout } from '../plan-reference.ts'
import type { Bundle } from '../read-bundle.ts'
import { MARKED_TEXT } from '../reference.ts'
import { type Door, findAnswer, isOurs, openDoor, resolveImport } from './door.ts'
import { emitPicture } from './emit.ts'
import { guardBundle } from './guard.ts'

/** What the plugins for Rollup and Rolldown take. */
export interface RollupOptions extends Options {
  /**
   * `false` leaves finished pictures to whoever loads images otherwise, such as Rolldown's `moduleTypes`. Default: `true`,
   * which emits them as assets unless another plugin, such as `@rollup/plugin-url`, loads them first.
   */
  emit?: boolean
}

/** The two plugins: one makes the pictures before all others ask, one emits what no other has loaded. */
export function createPlugins({ emit = true, ...options }: RollupOptions = {}): Plugin[] {
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
        if (answer) await ensureCutout(door.cutouts, answer.planned, answer.mention)
      },
    },
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
  return emit ? [maker, emitter] : [maker]
}
