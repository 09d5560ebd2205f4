import { rm } from 'node:fs/promises'
import { NobgError, throwIfAborted } from '../shared/errors.ts'
import { withLock } from '../shared/lock.ts'
import { createSingleFlight } from '../shared/single-flight.ts'
import type { Progress, RunOptions } from '../shared/types.ts'
import { digestFile, digestWeights, verifyWeights } from './digest.ts'
import { type FetchConfig, fetchWeights } from './fetch.ts'
import { isFile, locateWeights, originalPath } from './locate.ts'
import {
  findOptimized,
  giveUpOptimized,
  makeOptimized,
  type OptimizedPlace,
  placeOptimized,
  removeOptimized,
  type WeightsFile,
} from './optimized.ts'
import type { Model } from './table.ts'
import { unpackWeights } from './unpack.ts'

/** Where weights are kept, and how missing ones are fetched. */
export interface WeightsConfig extends FetchConfig {
  /** Folder of downloaded weights, `<id>.onnx` each, and of optimized files. */
  modelsDir: string
  /** Whether downloaded weights stay beside the optimized file made from them. Default: true. */
  keepOriginalWeights?: boolean
}

/** Weights on their way, over all of this process. */
const joinSingleFlight = createSingleFlight<WeightsFile>()
/** Who hears of the progress of each. */
const audiences = new Map<string, Set<(progress: Progress) => void>>()

/**
 * A model's weights as a session opens them: the optimized file where there can be one, else the original. What is missing is
 * fetched and optimized first, once for all who ask in this process and on this machine. What is on disk is checked when
 * the session opens, not here: it costs a second per gigabyte.
 *
 * @throws {NobgError} WEIGHTS_UNAVAILABLE, also for a download that is not the file expected
 * @throws {NobgError} WEIGHTS_CORRUPT if the file to be optimized is not the one expected
 * @throws {NobgError} ABORTED
 */
export async function ensureWeights(
  model: Model,
  config: WeightsConfig,
  run: RunOptions = {},
): Promise<WeightsFile> {
  throwIfAborted(run.signal)
  return (await findWeights(model, config)) ?? obtainWeights(model, config, run)
}

/** Whether a session could open the model's weights right now. */
export async function hasWeights(model: Model, config: WeightsConfig): Promise<boolean> {
  return (await findWeights(model, config)) !== undefined
}

/**
 * To be called where a session could not open an optimized file. A damaged one is removed, so that it is made again; one that is
 * whole and does not open is given up for the original, with a warning.
 *
 * @returns whether it is worth asking for the weights again
 */
export async function dismissOptimized(
  model: Model,
  file: WeightsFile,
  config: WeightsConfig,
  error: unknown,
): Promise<boolean> {
  if (!file.isOptimized || !(error instanceof NobgError) || error.code !== 'WEIGHTS_CORRUPT') return false
  const place = placeOptimized(model, await digestWeights(model), config.modelsDir)
  const digest = await digestFile(file.path).catch(() => undefined)
  if (digest === file.sha256) await giveUpOptimized(place, error.message)
  else await removeOptimized(place)
  return true
}

/** What is there and needs nothing more. */
async function findWeights(model: Model, config: WeightsConfig): Promise<WeightsFile | undefined> {
  const { path, origin, installed } = await locateWeights(model, config.modelsDir)
  if (!installed) return undefined
  if (origin === 'packaged') return describeOriginal(model, path)
  const place = await placeOf(model, config)
  if (!place || givenUp.has(place.path)) return describeOriginal(model, path)
  const optimized = await findOptimized(place)
  if (optimized?.reason !== undefined && path !== place.path) warnOnce(place, optimized.reason, config)
  return optimized && (optimized.file ?? describeOriginal(model, path))
}

async function obtainWeights(model: Model, config: WeightsConfig, run: RunOptions): Promise<WeightsFile> {
  const id = `${model.id}\n${model.path ?? originalPath(model, config.modelsDir)}`
  const audience = audiences.get(id) ?? new Set()
  audiences.set(id, audience)
  if (run.onProgress) audience.add(run.onProgress)
  const onProgress = (progress: Progress) => {
    for (const hear of audience) hear(progress)
  }
  try {
    return await joinSingleFlight(
      id,
      signal => bringWeights(model, config, { signal, onProgress }),
      run.signal,
    )
  } finally {
    if (run.onProgress) audience.delete(run.onProgress)
    if (audience.size === 0) audiences.delete(id)
  }
}

/** Fetches what is missing, and optimizes it. */
async function bringWeights(model: Model, config: WeightsConfig, run: RunOptions): Promise<WeightsFile> {
  const path = model.path ?? originalPath(model, config.modelsDir)
  if (!(await isFile(path)) && !(await unpackWeights(model, path, config, run.signal)))
    await fetchWeights(model, path, config, run)
  const place = await placeOf(model, config)
  if (!place) return describeOriginal(model, path)
  const optimize = async () =>
    (await findOptimized(place)) ?? (await optimizeVerified(model, path, place, run.signal))
  try {
    const lockPath = model.path ? place.path : path
    const optimized = await withLock(lockPath, optimize, {
      subject: `the weights of ${model.id}`,
      signal: run.signal,
      onError: () => {},
      logger: config.logger,
    })
    if (!optimized.file) warnOnce(place, optimized.reason, config)
    else if (!model.path && config.keepOriginalWeights === false) await rm(path, { force: true })
    return optimized.file ?? describeOriginal(model, path)
  } catch (error) {
    throwIfAborted(run.signal)
    if (error instanceof NobgError && error.code === 'WEIGHTS_CORRUPT') throw error
    givenUp.add(place.path)
    warnOnce(place, (error as Error).message, config)
    return describeOriginal(model, path)
  }
}

/** A flipped bit of the original would be right in the optimized file: so it is looked at once more. */
async function optimizeVerified(
  model: Model,
  path: string,
  place: OptimizedPlace,
  signal: AbortSignal | undefined,
) {
  await verifyWeights(model, path)
  return makeOptimized(path, place, signal)
}

/** Undefined if nothing says what the original must be, so that nobody could tell what an optimized file was made from. */
async function placeOf(model: Model, { modelsDir }: WeightsConfig): Promise<OptimizedPlace | undefined> {
  if (!model.sha256 && !model.path) return undefined
  return placeOptimized(model, await digestWeights(model), modelsDir)
}

function describeOriginal({ bytes, sha256 }: Model, path: string): WeightsFile {
  return { path, bytes, sha256, isOptimized: false }
}

/** Light files that this process could not write, and does not try to write for each picture. */
const givenUp = new Set<string>()
/** Light files whose absence has been told. */
const warned = new Set<string>()

function warnOnce({ path, model }: OptimizedPlace, reason: string, { logger }: WeightsConfig): void {
  // Most networks have nothing that is heavy without need.
  if (warned.has(path) || reason === NOTHING_TO_DO) return
  warned.add(path)
  logger?.warn(`nobg: ${model.id} runs as it was published, which takes more time and memory: ${reason}`)
}

/** What the rewriting says of a graph that is light as it is. */
const NOTHING_TO_DO = 'there is nothing to leave out'
