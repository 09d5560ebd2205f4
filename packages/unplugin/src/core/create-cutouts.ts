import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { type Config, createModelLibrary, type Logger, NobgError, type Plan } from '@nobg/core'
import { copyWhole, defaultCacheDir, joinWords, makeDir, resolveConfig, sortWords } from '@nobg/core/internal'
import { type BuildSummary, createBuildSummary } from '../progress/build-summary.ts'
import { formatCount } from '../progress/format.ts'
import { type ProgressJob, reportJob } from '../progress/progress.ts'
import { slash } from '../references/slash.ts'
import { type Cutouts, DRAFT_MODEL, type PlannedCutout } from './cutouts.ts'
import { addDefaultFormat, isShipped } from './default-format.ts'
import { createDeferredErrors } from './deferred-errors.ts'
import { findKeptMatte } from './matte-files.ts'
import { recordMatteWrites } from './matte-writes.ts'
import { addVariant } from './name-pattern.ts'
import { applyPreset, explainPreset, type ResolvedOptions } from './options.ts'
import { shareRemover } from './removers.ts'

/** The number of pictures of a page. */
const WARM_UP_PLANS = 12

/** What the cutouts of a build need to know. */
interface BuildSettings {
  /** Whether missing mattes of a frozen build, and missing weights, are reported together, by `reportDeferred`. */
  defersErrors?: boolean
  /** The summary to which the pictures are added. Default: a summary of its own. */
  summary?: BuildSummary
}

/**
 * Creates the cutouts of a project. No model is loaded until the first image.
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL if core rejects the config
 */
export function createCutouts(
  options: ResolvedOptions,
  root: string,
  logger: Logger,
  { defersErrors = false, summary = createBuildSummary(options.warnAboveBytes) }: BuildSettings = {},
): Cutouts {
  const cacheDir = slash(
    options.config.cacheDir ? resolve(root, options.config.cacheDir) : defaultCacheDir(root),
  )
  const planned = new Map<string, PlannedCutout>()
  const byId = new Map<string, PlannedCutout>()
  const originals = new Set<string>()
  const deferred = createDeferredErrors()
  const writes = recordMatteWrites()
  const config: Config = {
    logger,
    ...options.config,
    cacheDir,
    root: resolve(root, options.config.root ?? ''),
  }
  const remover = options.enabled ? shareRemover(config) : undefined
  const library = remover && createModelLibrary(options.config)

  const plan: Cutouts['plan'] = async (source, reference, site, matte) => {
    const { options: words, rest } = sortWords(reference.words)
    const postfix = (rest.length > 0 ? `?${joinWords(rest)}` : '') + reference.fragment
    const label = reference.specifier.replace(/^.*\//, '')
    const original: PlannedCutout = {
      source,
      file: source,
      modulePath: source,
      variant: '',
      postfix,
      rest,
      label,
      site,
      shipped: true,
      matte,
      keptMatte: undefined,
      plan: undefined,
      isDraft: false,
    }
    if (!remover) {
      originals.add(source)
      return original
    }
    const { preset } = reference
    const shipped = reference.isFinal || isShipped(rest, options.encodesAgain)
    const wanted = addDefaultFormat(applyPreset(preset, words, options.presets), shipped)
    const plan = await remover.plan(source, { ...wanted, matte }).catch(error => {
      if (defersErrors && deferred.add(error, source, site)) return undefined
      throw explainPreset(error, preset, words, options.presets)
    })
    return plan ? register({ ...original, shipped, plan }) : original
  }

  /** Adds the paths of a planned picture, and remembers the picture by them. */
  function register(cutout: PlannedCutout & { plan: Plan }): PlannedCutout {
    const { source, plan } = cutout
    const { key, fileName, file: stored = join(cacheDir, 'placed', key, fileName) } = plan.mask ?? plan
    const file = slash(stored)
    const variant = key.slice(0, 8)
    const modulePath = slash(join(dirname(source), addVariant(basename(file), variant)))
    const registered = { ...cutout, file, modulePath, variant, keptMatte: findKeptMatte(plan) }
    planned.set(file, registered)
    for (const path of [file, modulePath]) {
      byId.set(path + cutout.postfix, registered)
      if (!byId.has(path)) byId.set(path, registered)
    }
    return registered
  }

  async function planDraft(cutout: PlannedCutout): Promise<PlannedCutout | undefined> {
    if (!remover || !cutout.plan) return undefined
    // The requested resolution suits the requested model.
    const options = { ...cutout.plan.options, model: DRAFT_MODEL, operatingResolution: undefined }
    // A draft is made only if no matte is given or kept, and its matte is not kept.
    const plan = await remover.plan(cutout.source, { ...options, matte: false }).catch(error => {
      if (error instanceof NobgError && error.code === 'LICENSE_NOT_ALLOWED') return undefined
      throw error
    })
    const isOther = plan?.model.id === DRAFT_MODEL && cutout.plan.model.id !== DRAFT_MODEL
    return isOther ? register({ ...cutout, plan, isDraft: true }) : undefined
  }

  async function findMissingWeights({ plan }: PlannedCutout): Promise<string | undefined> {
    const place = plan && (await library?.locate(plan.model.id))
    return place?.installed === false ? place.path : undefined
  }

  return {
    cacheDir,
    remover,
    config,
    plan,
    reportDeferred: deferred.report,
    forgetDeferred: deferred.forget,
    async warmUp() {
      const { substitute } = resolveConfig(config)
      // A model that nothing replaces: planning logs each replacement.
      const model = typeof substitute === 'string' ? substitute : DRAFT_MODEL
      const plan = () => remover?.plan(new Uint8Array(1), { model, matte: false })
      for (let count = 0; count < WARM_UP_PLANS; count++) await plan()?.catch(() => {})
    },
    find: id => byId.get(id),
    list: () => planned.values(),
    isOwnWrite: writes.includes,
    planDraft,
    hasWeights: async planned => (await findMissingWeights(planned)) === undefined,
    findMissingWeights,
    isReady: async ({ plan }) => !plan || !remover || remover.isReady(plan),
    async ensure(cutout) {
      const { source, file, label, shipped, plan, isDraft, site } = cutout
      if (!plan || !remover) return file
      const run: ProgressJob = onProgress => remover.ensure(plan, { onProgress })
      const result = await writes
        .record(cutout, () => reportJob(file, label, logger, run))
        .catch(error => {
          if (defersErrors && deferred.add(error, source, site)) return undefined
          throw error
        })
      if (!result) return source
      const made = plan.mask ? (result.maskFile ?? result.file) : result.file
      // The store has no files, or could not store this one.
      await copyTo(file, made)
      const { width, height, model, matte, timings, findings, cached, savedMs } = result
      const { size: bytes } = await stat(file)
      const picture = shipped ? { label, bytes, width, height, options: plan.options } : undefined
      const { replaces } = plan
      if (!summary.add(file, result, slash(relative(root, source)), picture, replaces)) return file
      const kind = plan.mask ? 'mask' : 'cutout'
      const info = { model, matte, timings, findings, cached, savedMs }
      options.onCutout({ source, file, kind, width, height, draft: isDraft, ...info })
      return file
    },
    async placeUnique({ file, modulePath, plan }) {
      if (!plan) return file
      const { key } = plan.mask ?? plan
      const copy = slash(join(cacheDir, 'placed', key, basename(modulePath)))
      await copyTo(copy, file)
      return copy
    },
    logSummary({ info, warn }) {
      const texts = summary.summarize()
      if (texts) info(texts.info)
      if (texts?.warning) warn(texts.warning)
      if (originals.size > 0) info(`nobg is off: ${formatCount(originals.size, 'image')} left unchanged.`)
    },
  }
}

/** Copies a picture, unless it is there already. Its content never changes. */
async function copyTo(file: string, made: string): Promise<void> {
  if (slash(made) === file || existsSync(file)) return
  await makeDir(dirname(file))
  await copyWhole(made, file)
}
