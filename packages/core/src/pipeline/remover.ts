import { type CacheResult, createCache } from '../cache/cache.ts'
import type { EntryMeta } from '../cache/entry.ts'
import { type CachedFile, fileStore } from '../cache/file-store.ts'
import { createRescueFolder } from '../cache/rescue-folder.ts'
import { copyBytes } from '../image/memory.ts'
import { createSourceReader } from '../image/source.ts'
import { checkLicense } from '../models/license.ts'
import { createModelRegistry } from '../models/registry.ts'
import { parseOptions } from '../options/parse.ts'
import { throwIfAborted } from '../shared/errors.ts'
import type { Finding, ImageInput, RunOptions } from '../shared/types.ts'
import { createWorkers } from '../workers/pools.ts'
import { type Config, resolveConfig } from './config.ts'
import { canInfer } from './infer.ts'
import { openMattes } from './open-mattes.ts'
import { createModelChoice, createPlan, type Plan, type PlanContext, type PlannedFile } from './plan.ts'
import { decodeCheck, judgeCheck } from './quality.ts'
import { makeCutout, makeKeptMatte, makeMask, makePixels } from './render.ts'
import type { Engine, RenderContext } from './render-context.ts'
import type {
  ComposedCutout,
  CutoutFile,
  Picture,
  RemovalOptions,
  RemovalResult,
  RunInfo,
} from './results.ts'
import { storeAsKept } from './store-as-kept.ts'
import { createPassesWarning } from './warn-of-passes.ts'

/** Removes backgrounds. A remover has the caches, the queue and the workers, so one remover per process is enough. */
export interface Remover extends AsyncDisposable {
  /** Number of pictures processed at the same time. */
  readonly concurrency: number
  /**
   * Validates the options, reads and hashes the source, and computes keys and file names. Decodes no pixels.
   *
   * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL, LICENSE_NOT_ALLOWED, UNSUPPORTED_RESOLUTION, INVALID_SOURCE, SOURCE_NOT_FOUND, SOURCE_TIMEOUT, SOURCE_TOO_LARGE, INVALID_MATTE, MATTE_MISSING, ABORTED
   */
  plan(image: ImageInput, options?: RemovalOptions): Promise<Plan>
  /**
   * Makes the planned files, unless the cache has them. Equal plans are computed once, also across processes.
   *
   * @throws {NobgError} SOURCE_NOT_FOUND, SOURCE_CHANGED, UNSUPPORTED_FORMAT, CORRUPT_IMAGE, TOO_MANY_PIXELS, WEIGHTS_UNAVAILABLE, WEIGHTS_CORRUPT, INSUFFICIENT_MEMORY, INFERENCE_FAILED, REMOTE_FAILED, INVALID_MATTE, NO_SUBJECT, DOUBTFUL_MATTE, ABORTED
   */
  ensure(plan: Plan, run?: RunOptions): Promise<CutoutFile>
  /**
   * Whether `ensure` needs neither a download nor an optimization of weights: the planned files or the matte are cached, the
   * matte is the user's own or kept, the weights are ready, or a server runs the model. Loads no model.
   */
  isReady(plan: Plan): Promise<boolean>
  /** Plans and makes a cutout. Returns the encoded cutout in memory. @throws {NobgError} the codes of `plan` and `ensure` */
  removeBackground(image: ImageInput, options?: RemovalOptions): Promise<RemovalResult>
  /**
   * Plans a cutout and returns its pixels, cropped if `crop` is set. The matte is cached, the pixels are not. The options
   * `outputFormat`, `outputQuality`, `outputLossless` and `backgroundColor` have no effect.
   *
   * @throws {NobgError} the codes of `plan` and `ensure`
   */
  composeCutout(image: ImageInput, options?: RemovalOptions): Promise<ComposedCutout>
  /**
   * Ends the workers and the store's connections, and removes the temporary files of `ensure`. Before the end of a
   * program, call it only if the program uses a shared store.
   */
  close(): Promise<void>
}

interface Rendered extends RunInfo {
  cutout: CacheResult
  mask: CacheResult | undefined
}

/** Creates a remover. Workers start with the first image. @throws {NobgError} INVALID_OPTION; UNKNOWN_MODEL if `substitute` names an unknown model */
export function createRemover(input?: Config): Remover {
  const config = resolveConfig(input)
  const { logger } = config
  const store = config.store ?? fileStore({ dir: config.cacheDir, maxBytes: config.cacheMaxBytes })
  const cutouts = createCache({ namespace: 'cutouts', store, logger })
  const { kept, isFrozen } = openMattes(config)
  const engine: Engine = {
    config,
    workers: createWorkers(config),
    mattes: createCache({ namespace: 'mattes', store, logger }),
    kept,
    keyOfKept: new Map(),
    warnOfPasses: createPassesWarning(logger),
  }
  const rescue = createRescueFolder()
  const readSource = createSourceReader(config)
  const registry = createModelRegistry(config.models, config.weightsPrecision)
  const planning: PlanContext = {
    choose: createModelChoice(registry, config.substitute, logger),
    checkLicense: model => checkLicense(model, config.licenses, registry.list()),
    mattes: { readSource, kept, isFrozen, isFrozenByConfig: input?.frozen === true },
    keyOfKept: engine.keyOfKept,
    pathOf: cutouts.pathOf ?? noFile,
  }

  async function plan(image: ImageInput, options: RemovalOptions = {}): Promise<Plan> {
    const { signal, onProgress, matte, ...input } = options
    // Before the source is read, which takes longer.
    const parsed = parseOptions(input)
    return createPlan(await readSource(image, { signal }), parsed, planning, { matte, signal })
  }

  async function render(plan: Plan, run: RunOptions): Promise<Rendered> {
    const started = performance.now()
    const context: RenderContext = { ...engine, plan, onProgress: run.onProgress, timings: {}, ran: {} }
    const cutout = await cutouts.getOrCreate(plan.key, signal => makeCutout(context, signal), run)
    const mask = plan.mask && (await renderMask(plan.mask, context, run))
    if (cutout.cached) await keepIfMissing(plan, run)
    await storeAsKept(context, cutouts, cutout, mask)
    const cached = cutout.cached && (mask?.cached ?? true)
    return {
      cutout,
      mask,
      model: plan.model.id,
      matte: plan.matte.origin,
      timings: { ...context.timings, total: performance.now() - started },
      ...context.ran,
      findings: judge(plan, cutout.entry.meta),
      cached,
      savedMs: cached ? Number(cutout.entry.meta.ms) : 0,
    }
  }

  function renderMask(file: PlannedFile, context: RenderContext, run: RunOptions) {
    return cutouts.getOrCreate(file.key, signal => makeMask(context, file, signal), run)
  }

  function judge(plan: Plan, meta: EntryMeta): Finding[] {
    return judgeCheck(decodeCheck(meta), plan, config)
  }

  /** Finds the files of a plan in the cache, without loading their bytes. */
  async function findCached(plan: Plan): Promise<{ cutout: CachedFile; mask?: CachedFile } | undefined> {
    const cutout = await cutouts.find(plan.key)
    const mask = cutout && plan.mask && (await cutouts.find(plan.mask.key))
    return cutout && (mask || !plan.mask) ? { cutout, mask } : undefined
  }

  /** Describes the cached files of a plan; undefined if one is missing. */
  async function findFiles(plan: Plan, run: RunOptions): Promise<CutoutFile | undefined> {
    const started = performance.now()
    const found = await findCached(plan)
    if (!found) return undefined
    const { cutout, mask } = found
    await keepIfMissing(plan, run)
    return {
      ...describe(cutout.meta),
      model: plan.model.id,
      matte: plan.matte.origin,
      timings: { total: performance.now() - started },
      findings: judge(plan, cutout.meta),
      cached: true,
      savedMs: Number(cutout.meta.ms),
      file: cutout.path,
      ...(mask && { maskFile: mask.path }),
    }
  }

  /** Whether `ensure` must add the plan's matte to the folder of kept mattes. */
  async function isUnkept({ matte }: Plan): Promise<boolean> {
    return matte.origin === 'predicted' && Boolean(matte.keep && !(await kept?.find(matte.keep)))
  }

  /** Keeps the matte of a cutout that was cached before the folder of mattes was configured. */
  async function keepIfMissing(plan: Plan, { signal, onProgress }: RunOptions): Promise<void> {
    if (!(await isUnkept(plan))) return
    const context: RenderContext = { ...engine, plan, onProgress, timings: {}, ran: {} }
    await makeKeptMatte(context, signal ?? new AbortController().signal)
  }

  async function ensure(plan: Plan, run: RunOptions = {}): Promise<CutoutFile> {
    throwIfAborted(run.signal)
    const found = await findFiles(plan, run)
    if (found) return found
    const { cutout, mask, ...info } = await render(plan, run)
    const place = async ({ path, entry }: CacheResult, { key }: PlannedFile) =>
      path ?? (await rescue.place(key, entry))
    return {
      ...describe(cutout.entry.meta),
      ...info,
      file: await place(cutout, plan),
      ...(mask && plan.mask && { maskFile: await place(mask, plan.mask) }),
    }
  }

  async function isReady(plan: Plan): Promise<boolean> {
    if (plan.matte.origin !== 'predicted') return true
    // The matte of a cached cutout must be predicted if it is not kept yet.
    const needsMatte = (await isUnkept(plan)) || !(await findCached(plan))
    return !needsMatte || canInfer({ ...engine, plan })
  }

  async function removeBackground(image: ImageInput, options: RemovalOptions = {}): Promise<RemovalResult> {
    const { signal, onProgress } = options
    const { cutout, mask, ...info } = await render(await plan(image, options), { signal, onProgress })
    return { ...(await copyPicture(cutout)), ...info, ...(mask && { mask: await copyPicture(mask) }) }
  }

  async function composeCutout(image: ImageInput, options: RemovalOptions = {}): Promise<ComposedCutout> {
    const started = performance.now()
    const { signal = new AbortController().signal, onProgress } = options
    const context: RenderContext = {
      ...engine,
      plan: await plan(image, options),
      onProgress,
      timings: {},
      ran: {},
    }
    const { check, ...pixels } = await makePixels(context, signal)
    return {
      ...pixels,
      findings: judgeCheck(check, context.plan, config),
      timings: { ...context.timings, total: performance.now() - started },
      ...context.ran,
      cached: context.timings.inference === undefined,
    }
  }

  async function close(): Promise<void> {
    await Promise.all([engine.workers.close(), cutouts.close(), engine.mattes.close(), rescue.remove()])
  }

  return {
    concurrency: config.concurrency,
    plan,
    ensure,
    isReady,
    removeBackground,
    composeCutout,
    close,
    [Symbol.asyncDispose]: close,
  }
}

const noFile = () => undefined

function describe({ width, height, format, contentType }: EntryMeta): Omit<Picture, 'data'> {
  return { width, height, format, contentType } as Omit<Picture, 'data'>
}

/** Copies the bytes: concurrent equal calls share one entry, and each caller may transfer its result. */
async function copyPicture({ entry }: CacheResult): Promise<Picture> {
  return { data: await copyBytes(entry.bytes), ...describe(entry.meta) }
}
