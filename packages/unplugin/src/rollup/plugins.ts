import type { Plugin, PluginContext } from 'rollup'
import type { PlannedCutout } from '../cutouts.ts'
import type { Mention } from '../explain.ts'
import { type External, sparePictures } from '../externals.ts'
import type { SourceFinder } from '../find-source.ts'
import { type Opened, openCutouts } from '../open-cutouts.ts'
import type { Options } from '../options.ts'
import { ensureCutout, planReference } from '../plan-reference.ts'
import { type Bundle, readBundle } from '../read-bundle.ts'
import { MARKED_TEXT, parseReference, stripPostfix } from '../reference.ts'
import { describeUnprocessed, findUnprocessed } from '../unprocessed.ts'
import { emitPicture } from './emit.ts'

/** What the plugins for Rollup and Rolldown take. */
export interface RollupOptions extends Options {
  /**
   * `false` leaves finished pictures to whoever loads images otherwise, such as Rolldown's `moduleTypes`. Default: `true`,
   * which emits them as assets unless another plugin, such as `@rollup/plugin-url`, loads them first.
   */
  emit?: boolean
}

const HINT = `nobg sees the imports of modules. Write import cat from './cat.jpg?nobg' in place of new URL('./cat.jpg?nobg',
import.meta.url): the import is such a URL.`

/** The two plugins: one makes the pictures before all others ask, one emits what no other has loaded. */
export function createPlugins(input: RollupOptions = {}): Plugin[] {
  const { emit = true, ...options } = input
  let opened: Opened
  /** Ids of the modules that refer to a photograph. */
  const importers = new Set<string>()
  /** The pictures asked for, by file, each with the place where it was first mentioned. */
  const answers = new Map<string, { planned: PlannedCutout; mention: Mention }>()
  const find = (id: string) => answers.get(stripPostfix(id))

  async function resolveImport(context: PluginContext, id: string, importer: string | undefined) {
    const reference = parseReference(id)
    if (!reference) return undefined
    if (importer) importers.add(importer)
    const mention = { text: id, importer: importer && stripPostfix(importer) }
    const resolve: SourceFinder['resolve'] = async path =>
      (await context.resolve(path, importer, { skipSelf: true }))?.id
    const planned = await planReference(
      opened.cutouts,
      reference,
      { importer: mention.importer, resolve },
      mention,
      source => context.addWatchFile(source),
    )
    if (!planned) return undefined
    if (!answers.has(planned.file)) answers.set(planned.file, { planned, mention })
    return planned.file + planned.postfix
  }

  const main: Plugin = {
    name: 'nobg',
    options(input) {
      const { external } = input
      return external
        ? { ...input, external: sparePictures(external as External, id => find(id) !== undefined) }
        : undefined
    },
    buildStart() {
      const log = { info: (line: string) => this.info(line), warn: (line: string) => this.warn(line) }
      opened ??= openCutouts(options, process.cwd(), log)
    },
    resolveId: {
      order: 'pre',
      handler(id, importer) {
        return MARKED_TEXT.test(id) ? resolveImport(this, id, importer) : undefined
      },
    },
    load: {
      order: 'pre',
      async handler(id) {
        const answer = find(id)
        if (answer) await ensureCutout(opened.cutouts, answer.planned, answer.mention)
      },
    },
    shouldTransformCachedModule: ({ id }) => importers.has(id),
    generateBundle(_, bundle) {
      const { unprocessed, enabled } = opened.options
      if (unprocessed === 'ignore' || !enabled) return
      const assets = new Set(Object.keys(bundle).map(name => name.replace(/^.*\//, '')))
      const found = findUnprocessed(readBundle(bundle as Bundle), assets)
      if (found.length === 0) return
      if (unprocessed === 'warn') this.warn(describeUnprocessed(found, HINT))
      else this.error(describeUnprocessed(found, HINT))
    },
    closeBundle() {
      const summary = opened?.cutouts.summarize()
      if (summary) this.info(summary)
    },
  }

  const emitter: Plugin = {
    name: 'nobg:emit',
    load: {
      order: 'post',
      handler(id) {
        const answer = find(id)
        return answer && emitPicture(this, answer.planned)
      },
    },
  }
  return emit ? [main, emitter] : [main]
}
