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
import { createModelChoice, createPlan, type Plan, type PlannedFile } from './plan.ts'
import { makeCutout, makeMask, makePixels } from './render.ts'
import type { Engine, RenderContext } from './render-context.ts'

/** Options of one image, and how its run is stopped and followed. */
export interface RemovalOptions extends OptionsInput, RunOptions {}

/** A finished picture in memory. */
export interface Picture {
  /** The encoded file: uint8, [byteLength]. The array is the caller's own and may be transferred. */
  data: Uint8Array
  format: 'png' | 'webp' | 'avif'
  contentType: string
  /** px */
  width: number
  /** px */
  height: number
}

/** How a picture came to be. */
export interface RunInfo {
  /** Id of the model that made the matte: the one that stands in where one is substituted. */
  model: string
  /** What this call spent, per stage. */
  timings: Timings
  /** What ran the model, where this call ran it. */
  executionProvider?: ExecutionProvider
  /** True when nothing had to be computed. */
  cached: boolean
  /** What the cache saved, in ms: the time it took to make the picture then; 0 unless cached. */
  savedMs: number
}

/** What `removeBackground` gives: the cut-out, and the mask where `outputMask` asks for it. */
export interface RemovalResult extends Picture, RunInfo {
  mask?: Picture
}

/** What `ensure` gives: the same as {@link RemovalResult}, as files on disk. */
export interface CutoutFile extends Omit<Picture, 'data'>, RunInfo {
  /** Absolute path of the cut-out: in the cache, or, if no cache could keep it, in a temporary folder until `close`. */
  file: string
  /** Absolute path of the mask, where `outputMask` asks for it. */
  maskFile?: string
}

/** What `composeCutout` gives: the cut-out as pixels, for those who go on working with them. */
export interface ComposedCutout extends Pick<RunInfo, 'timings' | 'executionProvider'> {
  /** uint8, [height, width, 4], straight alpha; all four bytes are zero where alpha is. */
  raster: Raster
  /** The cut-out's alpha, uint8, [height, width], where `outputMask` asks for it. */
  mask?: Matte
  /** True when the matte came out of the cache. */
  cached: boolean
}

/** The engine. One is enough for a process: it holds the caches, the queue and the workers. */
export interface Remover extends AsyncDisposable {
  /** Pictures worked on at the same time. */
  readonly concurrency: number
  /**
   * The cheap half: validates the options, reads and hashes the source, and names the files to come. Touches no pixel.
   *
   * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL, UNSUPPORTED_RESOLUTION, INVALID_SOURCE, SOURCE_NOT_FOUND, SOURCE_TOO_LARGE, ABORTED
   */
  plan(image: ImageInput, options?: RemovalOptions): Promise<Plan>
  /**
   * The slow half: makes the planned files unless the cache has them. Equal plans share one run, in this process and
   * across processes.
   *
   * @throws {NobgError} UNSUPPORTED_FORMAT, CORRUPT_IMAGE, TOO_MANY_PIXELS, WEIGHTS_UNAVAILABLE, WEIGHTS_CORRUPT, INSUFFICIENT_MEMORY, INFERENCE_FAILED, NO_SUBJECT, ABORTED
   */
  ensure(plan: Plan, run?: RunOptions): Promise<CutoutFile>
  /** Both halves, with the result in memory. @throws {NobgError} as `plan` and `ensure` do */
  removeBackground(image: ImageInput, options?: RemovalOptions): Promise<RemovalResult>
  /**
   * Both halves without a file: the pixels, cropped where `crop` asks for it. Mattes are cached as ever, the pixels are
   * not; what concerns the file (`outputFormat`, `outputQuality`, `outputLossless`, `backgroundColor`) has no effect.
   *
   * @throws {NobgError} as `plan` and `ensure` do
   */
  composeCutout(image: ImageInput, options?: RemovalOptions): Promise<ComposedCutout>
  /**
   * Ends the workers and the store's connections, and removes the files that `ensure` gave if no cache could keep them.
   * Unneeded at the end of a program without a shared store.
   */
  close(): Promise<void>
}

interface Rendered extends RunInfo {
  cutout: CacheResult
  mask: CacheResult | undefined
}

/** Opens an engine. @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL (of `substitute`) */
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
    const work: RenderContext = { ...engine, plan, onProgress: run.onProgress, timings: {}, ran: {} }
    const cutout = await cutouts.getOrCreate(plan.key, signal => makeCutout(work, signal), run)
    const mask = plan.mask && (await renderMask(plan.mask, work, run))
    const cached = cutout.cached && (mask?.cached ?? true)
    return {
      cutout,
      mask,
      model: plan.model.id,
      timings: { ...work.timings, total: performance.now() - started },
      ...work.ran,
      cached,
      savedMs: cached ? Number(cutout.entry.meta.ms) : 0,
    }
  }

  function renderMask(file: PlannedFile, work: RenderContext, run: RunOptions) {
    return cutouts.getOrCreate(file.key, signal => makeMask(work, file, signal), run)
  }

  /** The files of a plan, if the cache has them; their bytes are not kept in memory. */
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

  async function removeBackground(image: ImageInput, options: RemovalOptions = {}): Promise<RemovalResult> {
    const { signal, onProgress } = options
    const { cutout, mask, ...account } = await render(await plan(image, options), { signal, onProgress })
    return { ...(await copyPicture(cutout)), ...account, ...(mask && { mask: await copyPicture(mask) }) }
  }

  async function composeCutout(image: ImageInput, options: RemovalOptions = {}): Promise<ComposedCutout> {
    const started = performance.now()
    const { signal = new AbortController().signal, onProgress } = options
    const work: RenderContext = {
      ...engine,
      plan: await plan(image, options),
      onProgress,
      timings: {},
      ran: {},
    }
    const composed = await makePixels(work, signal)
    return {
      ...composed,
      timings: { ...work.timings, total: performance.now() - started },
      ...work.ran,
      cached: work.timings.inference === undefined,
    }
  }

  async function close(): Promise<void> {
    await Promise.all([engine.workers.close(), cutouts.close(), engine.mattes.close(), rescue.remove()])
  }

  return {
    concurrency: config.concurrency,
    plan,
    ensure,
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

/** With bytes of its own: equal calls at the same time share one entry, and a caller may transfer what it gets. */
async function copyPicture({ entry }: CacheResult): Promise<Picture> {
  return { data: await copyBytes(entry.bytes), ...describe(entry.meta) }
}
