import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type CutoutFile, createModelLibrary, type Logger, type Plan } from '@nobg/core'
import { copyAsNewFile, defaultCacheDir, makeDir, parseQuery } from '@nobg/core/internal'
import { createBuildSummary } from '../progress/build-summary.ts'
import { formatCount } from '../progress/format.ts'
import { type ProgressJob, reportJob } from '../progress/progress.ts'
import type { Reference } from '../references/reference.ts'
import { slash } from '../references/slash.ts'
import { applyPreset, explainPreset, type ResolvedOptions } from './options.ts'
import { shareRemover } from './removers.ts'

/** A planned picture: its photograph, its file, and the part of the import that the host processes. */
export interface PlannedCutout {
  /** Absolute path of the photograph. */
  source: string
  /** Absolute path of the finished picture, known before the file exists. If the plugin is off, the photograph. */
  file: string
  /**
   * Absolute path that a host gets as the id of the picture's module: the picture's file name in the photograph's folder.
   * No file exists there. If the plugin is off, the photograph.
   */
  modulePath: string
  /** The text after the path: the query words that are not nobg's (`?w=400`) and the fragment. May be empty. */
  postfix: string
  /** Its name in progress lines: the reference without folders. */
  label: string
  /** Undefined if the plugin is off. */
  plan: Plan | undefined
  /** Whether the embedded model stands in for the requested model. The file is another than that of the requested picture. */
  isDraft: boolean
}

/** The embedded model, which needs no download. */
export const DRAFT_MODEL = 'u2netp'

/** Plans and makes the pictures of one build or one development server. */
export interface Cutouts {
  /** Absolute path of the folder that contains all finished pictures. */
  cacheDir: string
  /** Plans a picture; takes milliseconds. @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL, UNSUPPORTED_RESOLUTION, INVALID_SOURCE, SOURCE_NOT_FOUND, SOURCE_TOO_LARGE */
  plan(source: string, reference: Reference): Promise<PlannedCutout>
  /** Whether a picture can be made at once: it is cached, or the weights are there and optimized. */
  isReady(planned: PlannedCutout): Promise<boolean>
  /** Whether the weights of a picture's model are on disk. */
  hasWeights(planned: PlannedCutout): Promise<boolean>
  /** Plans the picture that the embedded model makes of the same photograph with the same options. Undefined if it would be the same picture. */
  planDraft(planned: PlannedCutout): Promise<PlannedCutout | undefined>
  /** Makes a picture; may take minutes. Then the whole file exists. @throws {NobgError} the codes of core's `ensure` */
  ensure(planned: PlannedCutout): Promise<void>
  /** Finds a planned picture by its file or by its module path. */
  find(path: string): PlannedCutout | undefined
  /** All pictures planned so far; none if the plugin is off. */
  list(): Iterable<PlannedCutout>
  /** One line about the pictures since the last call; undefined if there were none. */
  summarize(): string | undefined
}

/**
 * Creates the cutouts of a project. No model is loaded until the first image.
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL if core rejects the config
 */
export function createCutouts(options: ResolvedOptions, root: string, logger: Logger): Cutouts {
  const cacheDir = slash(
    options.config.cacheDir ? resolve(root, options.config.cacheDir) : defaultCacheDir(root),
  )
  const planned = new Map<string, PlannedCutout>()
  const byModulePath = new Map<string, PlannedCutout>()
  const originals = new Set<string>()
  const summary = createBuildSummary()
  const remover = options.enabled ? shareRemover({ logger, ...options.config, cacheDir }) : undefined

  const library = remover && createModelLibrary(options.config)

  async function plan(source: string, reference: Reference): Promise<PlannedCutout> {
    const { options: words, rest } = parseQuery(reference.query)
    const postfix = (rest && `?${rest}`) + reference.fragment
    const label = reference.specifier.replace(/^.*\//, '')
    if (!remover) {
      originals.add(source)
      return { source, file: source, modulePath: source, postfix, label, plan: undefined, isDraft: false }
    }
    const { preset } = reference
    const plan = await remover.plan(source, applyPreset(preset, words, options.presets)).catch(error => {
      throw explainPreset(error, preset, words, options.presets)
    })
    return register({ source, postfix, label, plan, isDraft: false })
  }

  function register(cutout: Omit<PlannedCutout, 'file' | 'modulePath'> & { plan: Plan }): PlannedCutout {
    const { source, plan } = cutout
    const { key, fileName, file: stored = join(cacheDir, 'placed', key, fileName) } = plan.mask ?? plan
    const file = slash(stored)
    const modulePath = slash(join(dirname(source), fileName))
    const registered = { ...cutout, file, modulePath }
    planned.set(file, registered)
    byModulePath.set(modulePath, registered)
    return registered
  }

  async function planDraft(cutout: PlannedCutout): Promise<PlannedCutout | undefined> {
    if (!remover || !cutout.plan) return undefined
    // The requested resolution suits the requested model.
    const options = { ...cutout.plan.options, model: DRAFT_MODEL, operatingResolution: undefined }
    const plan = await remover.plan(cutout.source, options)
    const isOther = plan.model.id === DRAFT_MODEL && cutout.plan.model.id !== DRAFT_MODEL
    return isOther ? register({ ...cutout, plan, isDraft: true }) : undefined
  }

  return {
    cacheDir,
    plan,
    find: path => planned.get(path) ?? byModulePath.get(path),
    list: () => planned.values(),
    planDraft,
    hasWeights: async ({ plan }) => !plan || !library || (await library.locate(plan.model.id)).installed,
    isReady: async ({ plan }) => !plan || !remover || remover.isReady(plan),
    async ensure(cutout) {
      const { source, file, label, plan, isDraft } = cutout
      if (!plan || !remover) return
      const run: ProgressJob = onProgress => remover.ensure(plan, { onProgress })
      const result = await reportJob(file, label, logger, run)
      await copyToCache(result, plan, file)
      if (!summary.add(file, result)) return
      const { width, height, timings, cached, savedMs } = result
      const kind = plan.mask ? 'mask' : 'cutout'
      options.onCutout({
        source,
        file,
        kind,
        width,
        height,
        model: plan.model.id,
        draft: isDraft,
        timings,
        cached,
        savedMs,
      })
    },
    summarize: () => (remover ? summary.summarize() : describeOriginals(originals.size)),
  }
}

/** The summary while nobg is off, so that nobody ships photographs without noticing. */
function describeOriginals(count: number): string | undefined {
  return count > 0 ? `nobg is off: ${formatCount(count, 'image')} left unchanged.` : undefined
}

/** Copies a picture to its planned path if the store has no files, or could not store this one. */
async function copyToCache(result: CutoutFile, plan: Plan, file: string): Promise<void> {
  const made = plan.mask ? (result.maskFile ?? result.file) : result.file
  if (slash(made) === file || existsSync(file)) return
  await makeDir(dirname(file))
  const part = join(dirname(file), `.${randomUUID()}.part`)
  try {
    await copyAsNewFile(made, part)
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}
