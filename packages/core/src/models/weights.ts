import { rm } from 'node:fs/promises'
import { NobgError, throwIfAborted } from '../shared/errors.ts'
import { digestFile } from '../shared/hash.ts'
import { withLock } from '../shared/lock.ts'
import { createSingleFlight } from '../shared/single-flight.ts'
import type { Progress, RunOptions } from '../shared/types.ts'
import { digestWeights, verifyWeights } from './digest.ts'
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

/** The folder of the weights, and how missing weights are fetched. */
export interface WeightsConfig extends FetchConfig {
  /** Folder of downloaded weights (`<id>.onnx`) and optimized files (`<id>.optimized.onnx`). */
  modelsDir: string
  /** Whether to keep downloaded weights after the optimized file was made. Default: true. */
  keepOriginalWeights?: boolean
}

/** Shared by all callers in this process, so that each file is fetched and optimized once. */
const joinSingleFlight = createSingleFlight<WeightsFile>()
/** Progress listeners of each running fetch. */
const listenersById = new Map<string, Set<(progress: Progress) => void>>()

/**
 * Returns the weights file that a session opens: the optimized file if the graph can be optimized, else the original.
 * Missing weights are fetched and optimized first, once per machine. Existing files are verified when the session opens,
 * because that takes a second per gigabyte.
 *
 * @throws {NobgError} WEIGHTS_UNAVAILABLE if the download fails or has the wrong digest
 * @throws {NobgError} WEIGHTS_CORRUPT if the file to optimize has the wrong digest
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

/** Whether the model's weights are ready for a session. */
export async function hasWeights(model: Model, config: WeightsConfig): Promise<boolean> {
  return (await findWeights(model, config)) !== undefined
}

/**
 * Call this after a session failed to open an optimized file. A damaged file is removed and will be made again. For an
 * intact file that does not open, the original is used from now on, with a warning.
 *
 * @returns whether the caller should ask for the weights again
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

/** The weights file, if it exists and needs no further work. */
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
  const listeners = listenersById.get(id) ?? new Set()
  listenersById.set(id, listeners)
  if (run.onProgress) listeners.add(run.onProgress)
  const onProgress = (progress: Progress) => {
    for (const listener of listeners) listener(progress)
  }
  try {
    return await joinSingleFlight(
      id,
      signal => prepareWeights(model, config, { signal, onProgress }),
      run.signal,
    )
  } finally {
    if (run.onProgress) listeners.delete(run.onProgress)
    if (listeners.size === 0) listenersById.delete(id)
  }
}

/** Fetches the weights if they are missing, and optimizes them. */
async function prepareWeights(model: Model, config: WeightsConfig, run: RunOptions): Promise<WeightsFile> {
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
      readActivity: () => `optimizes ${model.id}`,
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

/** Verifies the original first: a flipped bit would end up in the optimized file, whose digest would then match. */
async function optimizeVerified(
  model: Model,
  path: string,
  place: OptimizedPlace,
  signal: AbortSignal | undefined,
) {
  await verifyWeights(model, path)
  return makeOptimized(path, place, signal)
}

/** Undefined if the original's digest is unknown: an optimized file could then not be matched to its original. */
async function placeOf(model: Model, { modelsDir }: WeightsConfig): Promise<OptimizedPlace | undefined> {
  if (!model.sha256 && !model.path) return undefined
  return placeOptimized(model, await digestWeights(model), modelsDir)
}

function describeOriginal({ bytes, sha256 }: Model, path: string): WeightsFile {
  return { path, bytes, sha256, isOptimized: false }
}

/** Paths of optimized files that this process failed to write. It does not try again for each picture. */
const givenUp = new Set<string>()
/** Paths of optimized files about which a warning was logged. */
const warned = new Set<string>()

function warnOnce({ path, model }: OptimizedPlace, reason: string, { logger }: WeightsConfig): void {
  // Most graphs need no optimization, so this is no reason to warn.
  if (warned.has(path) || reason === NOTHING_TO_DO) return
  warned.add(path)
  logger?.warn(`nobg: ${model.id} runs without optimization, which takes more time and memory: ${reason}`)
}

/** The optimizer's reason for a graph that needs no optimization. */
const NOTHING_TO_DO = 'there is nothing to optimize'
