import { readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { OptimizeResult } from '@nobg/onnx-optimizer'
import { NobgError, throwIfAborted } from '../shared/errors.ts'
import { makeDir } from '../shared/make-dir.ts'
import { expectSize, writeWhole } from '../shared/write-whole.ts'
import { expectSpace } from './disk-space.ts'
import { readNames } from './partial-download.ts'
import type { Model } from './table.ts'

/** A weights file that a session can open. */
export interface WeightsFile {
  path: string
  bytes?: number
  /** 64 hex digits; absent if the expected digest is unknown. */
  sha256?: string
  /** Whether this is an optimized file. */
  isOptimized: boolean
}

/** The paths of a model's optimized file, and the digest of its original. */
export interface OptimizedPlace {
  model: Model
  /** sha256 of the original. */
  original: string
  /** Path of the optimized file. */
  path: string
  /** Path of the JSON file that describes it. */
  sidecar: string
}

/** Content of the sidecar: describes the optimized file, or says why there is none. */
interface OptimizedRecord {
  /** `GRAPH_VERSION` of the optimizer. */
  version: number
  /** sha256 of the original. */
  original: string
  /** The output that was kept; null if all were kept. */
  output: string | null
  optimized?: { bytes: number; sha256: string }
  /** Why there is no optimized file; prevents further attempts. */
  reason?: string
}

/** A model's optimized file, or the reason why there is none. */
export type KnownOptimized = { file: WeightsFile; reason?: undefined } | { file?: undefined; reason: string }

/**
 * Returns the paths in `modelsDir`: `<id>.optimized.onnx`, or `<id>-<digest>.optimized.onnx` for a local model. Nothing is
 * written next to a local model's file.
 */
export function placeOptimized(model: Model, original: string, modelsDir: string): OptimizedPlace {
  const stem = join(modelsDir, model.path ? `${model.id}-${original.slice(0, 16)}` : model.id)
  return { model, original, ...optimizedPathsOf(stem) }
}

/** Checks the sidecar and the file's size. The session verifies the digest. Undefined if the file is yet to be made. */
export async function findOptimized(place: OptimizedPlace): Promise<KnownOptimized | undefined> {
  const { optimized, reason, ...made } = await readRecord(place.sidecar)
  if (made.version === undefined) return undefined
  const { optimized: _, reason: __, ...expected } = await describe(place)
  if (JSON.stringify(made) !== JSON.stringify(expected)) return undefined
  if (reason !== undefined) return { reason }
  const size = (await stat(place.path).catch(() => undefined))?.size
  return optimized && size === optimized.bytes
    ? { file: { path: place.path, ...optimized, isOptimized: true } }
    : undefined
}

/**
 * Writes the optimized file and its sidecar. The caller holds a lock, so that one process at a time does this.
 *
 * @param source path of the original, which the caller has verified
 * @throws {NobgError} WEIGHTS_UNAVAILABLE if the optimized file cannot be written, ABORTED
 */
export async function makeOptimized(
  source: string,
  place: OptimizedPlace,
  signal: AbortSignal | undefined,
): Promise<KnownOptimized> {
  const dir = dirname(place.path)
  await makeDir(dir)
  await expectSpace(dir, (await stat(source)).size, `for the optimized file of ${place.model.id}`)
  const { output } = place.model
  // The sidecar is written last: an optimized file without a sidecar is made again.
  await rm(place.sidecar, { force: true })
  const made = await optimize(source, place.path, output, signal)
  if (!made.changed) {
    await giveUpOptimized(place, made.reason)
    return { reason: made.reason }
  }
  const { bytes, sha256 } = made
  await expectSize(place.path, bytes)
  await writeRecord({ ...(await describe(place)), optimized: { bytes, sha256 } }, place)
  return { file: { path: place.path, bytes, sha256, isOptimized: true } }
}

/** @throws {NobgError} WEIGHTS_UNAVAILABLE, ABORTED */
async function optimize(
  source: string,
  target: string,
  output: string | undefined,
  signal: AbortSignal | undefined,
): Promise<OptimizeResult> {
  const { OnnxOptimizerError, optimizeGraph } = await loadOptimizer()
  try {
    return await optimizeGraph(source, target, { outputs: output ? [output] : undefined, signal })
  } catch (error) {
    throwIfAborted(signal)
    if (!(error instanceof OnnxOptimizerError)) throw error
    throw new NobgError('WEIGHTS_UNAVAILABLE', error.message, { hint: error.hint, cause: error.cause })
  }
}

/** Records why the optimized file is not used, and removes it. */
export async function giveUpOptimized(place: OptimizedPlace, reason: string): Promise<void> {
  await writeRecord({ ...(await describe(place)), reason }, place)
  await rm(place.path, { force: true })
}

/** Removes an optimized file and its sidecar. */
export async function removeOptimized({
  path,
  sidecar,
}: Pick<OptimizedPlace, 'path' | 'sidecar'>): Promise<void> {
  for (const file of [sidecar, `${sidecar}.part`, path, `${path}.part`]) await rm(file, { force: true })
}

/** Finds a model's optimized files, for a local model also those made from earlier versions of its file. */
export async function listOptimized(
  { id, path }: Model,
  modelsDir: string,
): Promise<Pick<OptimizedPlace, 'path' | 'sidecar'>[]> {
  const names = await readNames(modelsDir)
  const stems = names.flatMap(name => /^(.+)\.optimized\.(?:onnx|json)(?:\.part)?$/.exec(name)?.[1] ?? [])
  const own = stems.filter(stem => stem === (path ? `${id}-${stem.slice(-16)}` : id))
  return [...new Set(own)].map(stem => optimizedPathsOf(join(modelsDir, stem)))
}

function optimizedPathsOf(stem: string): Pick<OptimizedPlace, 'path' | 'sidecar'> {
  return { path: `${stem}.optimized.onnx`, sidecar: `${stem}.optimized.json` }
}

/** Loads the optimizer when it is needed: most processes never need its fifty modules. */
function loadOptimizer(): Promise<typeof import('@nobg/onnx-optimizer')> {
  return import('@nobg/onnx-optimizer')
}

async function describe({ model, original }: OptimizedPlace): Promise<OptimizedRecord> {
  const { GRAPH_VERSION } = await loadOptimizer()
  return { version: GRAPH_VERSION, original, output: model.output ?? null }
}

async function readRecord(path: string): Promise<Partial<OptimizedRecord>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) ?? {}
  } catch {
    return {}
  }
}

async function writeRecord(content: OptimizedRecord, { sidecar }: OptimizedPlace): Promise<void> {
  await writeWhole(sidecar, `${JSON.stringify(content, null, 2)}\n`)
}
