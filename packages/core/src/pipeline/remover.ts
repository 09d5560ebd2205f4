import { type CacheResult, createCache } from '../cache/cache.ts'
import type { EntryMeta } from '../cache/entry.ts'
import { fileStore } from '../cache/file-store.ts'
import { createRescueFolder } from '../cache/rescue-folder.ts'
import { copyBytes } from '../image/memory.ts'
import { createSourceReader } from '../image/source.ts'
import { createModelRegistry } from '../models/registry.ts'
import type { OptionsInput } from '../options/schema.ts'
import { throwIfAborted } from '../shared/errors.ts'
import type { ExecutionProvider, ImageInput, Matte, Raster, RunOptions, Timings } from '../shared/types.ts'
import { createWorkers } from '../workers/pools.ts'
import { type Config, resolveConfig } from './config.ts'
import { canInfer } from './infer.ts'
import { createModelChoice, createPlan, type Plan, type PlannedFile } from './plan.ts'
import { makeCutout, makeMask, makePixels } from './render.ts'
import type { Engine, RenderContext } from './render-context.ts'

/** Options of one image, and how its run is stopped and followed. */
export interface RemovalOptions extends OptionsInput, RunOptions {}

/** An encoded picture in memory. */
export interface Picture {
  /** The encoded file: uint8, [byteLength]. The array belongs to the caller, who may transfer it. */
  data: Uint8Array
  format: 'png' | 'webp' | 'avif'
  contentType: string
  /** px */
  width: number
  /** px */
  height: number
}

/** How a result was made. */
export interface RunInfo {
  /** Id of the model that made the matte; after a substitution, the id of the substitute. */
  model: string
  /** Milliseconds that this call spent, per stage. */
  timings: Timings
  /** The execution provider that ran the model; absent if this call did not run it. */
  executionProvider?: ExecutionProvider
  /** True if the result came from the cache. */
  cached: boolean
  /** Milliseconds that the cache saved: the time that making the picture took. 0 if not cached. */
  savedMs: number
}

/** Result of `removeBackground`: the cutout, and the mask if `outputMask` is set. */
export interface RemovalResult extends Picture, RunInfo {
  mask?: Picture
}

/** Result of `ensure`: the cutout, and the mask if `outputMask` is set, as files on disk. */
export interface CutoutFile extends Omit<Picture, 'data'>, RunInfo {
  /** Absolute path of the cutout: in the cache or, if the cache cannot be written, in a temporary folder until `close`. */
  file: string
  /** Absolute path of the mask, if `outputMask` is set. */
  maskFile?: string
}

/** Result of `composeCutout`: the cutout as pixels. */
export interface ComposedCutout extends Pick<RunInfo, 'timings' | 'executionProvider'> {
  /** uint8, [height, width, 4], RGBA, sRGB, straight alpha. Where alpha is 0, all four bytes are 0. */
  raster: Raster
  /** The cutout's alpha, uint8, [height, width], if `outputMask` is set. */
  mask?: Matte
  /** True if the matte came from the cache. */
  cached: boolean
}

/** Removes backgrounds. It holds the caches, the queue and the workers, so one per process is enough. */
export interface Remover extends AsyncDisposable {
  /** Number of pictures processed at the same time. */
  readonly concurrency: number
  /**
   * Validates the options, reads and hashes the source, and computes keys and file names. Decodes no pixels.
   *
   * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL, UNSUPPORTED_RESOLUTION, INVALID_SOURCE, SOURCE_NOT_FOUND, SOURCE_TOO_LARGE, ABORTED
   */
  plan(image: ImageInput, options?: RemovalOptions): Promise<Plan>
  /**
   * Makes the planned files, unless the cache has them. Equal plans are computed once, also across processes.
   *
   * @throws {NobgError} UNSUPPORTED_FORMAT, CORRUPT_IMAGE, TOO_MANY_PIXELS, WEIGHTS_UNAVAILABLE, WEIGHTS_CORRUPT, INSUFFICIENT_MEMORY, INFERENCE_FAILED, NO_SUBJECT, ABORTED
   */
  ensure(plan: Plan, run?: RunOptions): Promise<CutoutFile>
  /**
   * Whether `ensure` needs neither a download nor an optimization of weights: the planned files or the matte are cached, the
   * weights are ready, or a server runs the model. Loads no model.
   */
  isReady(plan: Plan): Promise<boolean>
  /** Plans and makes a cutout, and returns it in memory. @throws {NobgError} as `plan` and `ensure` do */
  removeBackground(image: ImageInput, options?: RemovalOptions): Promise<RemovalResult>
  /**
   * Plans a cutout and returns its pixels, cropped if `crop` is set. The matte is cached, the pixels are not. The options
   * `outputFormat`, `outputQuality`, `outputLossless` and `backgroundColor` have no effect.
   *
   * @throws {NobgError} as `plan` and `ensure` do
   */
  composeCutout(image: ImageInput, options?: RemovalOptions): Promise<ComposedCutout>
  /**
   * Ends the workers and the store's connections, and removes the temporary files of `ensure`. A program that is about
   * to exit needs this only if it uses a shared store.
   */
  close(): Promise<void>
}

interface Rendered extends RunInfo {
  cutout: CacheResult
  mask: CacheResult | undefined
}

/** Creates a remover. @throws {NobgError} INVALID_OPTION; UNKNOWN_MODEL if `substitute` names an unknown model */
export function createRemover(input?: Config): Remover {
  const config = resolveConfig(input)
  const { logger } = config
  const store = config.store ?? fileStore({ dir: config.cacheDir, maxBytes: config.cacheMaxBytes })
  const cutouts = createCache({ namespace: 'cutouts', store, logger })
  const engine: Engine = {
    config,
    workers: createWorkers(config),
    mattes: createCache({ namespace: 'mattes', store, logger }),
  }
  const rescue = createRescueFolder()
  const readSource = createSourceReader(config)
  const chooseModel = createModelChoice(createModelRegistry(config.models), config.substitute, logger)

  async function plan(image: ImageInput, options: RemovalOptions = {}): Promise<Plan> {
    const { signal, onProgress, ...input } = options
    return createPlan(await readSource(image, { signal }), input, chooseModel, cutouts.pathOf ?? noFile)
  }

  async function render(plan: Plan, run: RunOptions): Promise<Rendered> {
    const started = performance.now()
    const context: RenderContext = { ...engine, plan, onProgress: run.onProgress, timings: {}, ran: {} }
    const cutout = await cutouts.getOrCreate(plan.key, signal => makeCutout(context, signal), run)
    const mask = plan.mask && (await renderMask(plan.mask, context, run))
    const cached = cutout.cached && (mask?.cached ?? true)
    return {
      cutout,
      mask,
      model: plan.model.id,
      timings: { ...context.timings, total: performance.now() - started },
      ...context.ran,
      cached,
      savedMs: cached ? Number(cutout.entry.meta.ms) : 0,
    }
  }

  function renderMask(file: PlannedFile, context: RenderContext, run: RunOptions) {
    return cutouts.getOrCreate(file.key, signal => makeMask(context, file, signal), run)
  }

  /** Finds the files of a plan in the cache, without loading their bytes. */
  async function findFiles(plan: Plan, started: number): Promise<CutoutFile | undefined> {
    const cutout = await cutouts.find(plan.key)
    const mask = cutout && plan.mask && (await cutouts.find(plan.mask.key))
    if (!cutout || (plan.mask && !mask)) return undefined
    return {
      ...describe(cutout.meta),
      model: plan.model.id,
      timings: { total: performance.now() - started },
      cached: true,
      savedMs: Number(cutout.meta.ms),
      file: cutout.path,
      ...(mask && { maskFile: mask.path }),
    }
  }

  async function ensure(plan: Plan, run: RunOptions = {}): Promise<CutoutFile> {
    throwIfAborted(run.signal)
    const found = await findFiles(plan, performance.now())
    if (found) return found
    const { cutout, mask, ...account } = await render(plan, run)
    const place = async ({ path, entry }: CacheResult, { key }: PlannedFile) =>
      path ?? (await rescue.place(key, entry))
    return {
      ...describe(cutout.entry.meta),
      ...account,
      file: await place(cutout, plan),
      ...(mask && plan.mask && { maskFile: await place(mask, plan.mask) }),
    }
  }

  async function isReady(plan: Plan): Promise<boolean> {
    return (await findFiles(plan, performance.now())) !== undefined || canInfer({ ...engine, plan })
  }

  async function removeBackground(image: ImageInput, options: RemovalOptions = {}): Promise<RemovalResult> {
    const { signal, onProgress } = options
    const { cutout, mask, ...account } = await render(await plan(image, options), { signal, onProgress })
    return { ...(await copyPicture(cutout)), ...account, ...(mask && { mask: await copyPicture(mask) }) }
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
    const composed = await makePixels(context, signal)
    return {
      ...composed,
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
