import { readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GRAPH_VERSION, OnnxOptimizerError, type OptimizeResult, optimizeGraph } from '@nobg/onnx-optimizer'
import { NobgError, throwIfAborted } from '../shared/errors.ts'
import { makeDir } from '../shared/make-dir.ts'
import { writeWhole } from '../shared/write-whole.ts'
import { expectSpace } from './disk-space.ts'
import { readNames } from './partial-download.ts'
import type { Model } from './table.ts'

/** A weights file as a session opens it. */
export interface WeightsFile {
  path: string
  bytes?: number
  /** 64 hex digits; absent where nobody has said what the file must be. */
  sha256?: string
  /** Whether it is the optimized file and not the original. */
  isOptimized: boolean
}

/** Where the optimized file of a model lies, and what it is made from. */
export interface OptimizedPlace {
  model: Model
  /** sha256 of the original. */
  original: string
  /** The optimized file. */
  path: string
  /** What is known of it, as JSON. */
  sidecar: string
}

/** What lies beside a optimized file, or in its place where there can be none. */
interface Sidecar {
  /** Of the rewriting: another version makes another file. */
  version: number
  /** sha256 of the file it was made from. */
  original: string
  /** The output that was kept; all of them where null. */
  output: string | null
  light?: { bytes: number; sha256: string }
  /** Why there is no optimized file, so that it is not tried again. */
  reason?: string
}

/** What is known of a model's optimized file: the file, or why there is none; undefined where it is yet to be made. */
export type KnownOptimized = { file: WeightsFile; reason?: undefined } | { file?: undefined; reason: string }

/**
 * `<id>.optimized.onnx` beside the original; for a file of the user's own under a name that carries its digest too, in the
 * models' folder as well: nothing is ever written beside it.
 */
export function placeOptimized(model: Model, original: string, modelsDir: string): OptimizedPlace {
  const stem = join(modelsDir, model.path ? `${model.id}-${original.slice(0, 16)}` : model.id)
  return { model, original, ...optimizedPathsOf(stem) }
}

/** Looks at the sidecar and at the size of the file, and reads nothing of it: the session checks its digest. */
export async function findOptimized(place: OptimizedPlace): Promise<KnownOptimized | undefined> {
  const { light, reason, ...made } = await readSidecar(place.sidecar)
  const { light: _, reason: __, ...expected } = describe(place)
  if (JSON.stringify(made) !== JSON.stringify(expected)) return undefined
  if (reason !== undefined) return { reason }
  const size = (await stat(place.path).catch(() => undefined))?.size
  return light && size === light.bytes
    ? { file: { path: place.path, ...light, isOptimized: true } }
    : undefined
}

/**
 * Rewrites a model once, whole or not at all. Only one process at a time may do so.
 *
 * @param source the original, verified: what is wrong in it would be right in the optimized file.
 * @throws {NobgError} WEIGHTS_UNAVAILABLE where the optimized file cannot be written, ABORTED
 */
export async function makeOptimized(
  source: string,
  place: OptimizedPlace,
  signal: AbortSignal | undefined,
): Promise<KnownOptimized> {
  const part = `${place.path}.part`
  const dir = dirname(place.path)
  await makeDir(dir)
  await expectSpace(dir, (await stat(source)).size, `for the optimized file of ${place.model.id}`)
  const { output } = place.model
  const made = await optimize(source, part, output, signal)
  if (!made.changed) {
    await giveUpOptimized(place, made.reason)
    return { reason: made.reason }
  }
  const { bytes, sha256 } = made
  // The sidecar last: a file without one is made anew.
  await rm(place.sidecar, { force: true })
  await rename(part, place.path)
  await writeSidecar({ ...describe(place), light: { bytes, sha256 } }, place)
  return { file: { path: place.path, bytes, sha256, isOptimized: true } }
}

/** @throws {NobgError} WEIGHTS_UNAVAILABLE, ABORTED */
async function optimize(
  source: string,
  target: string,
  output: string | undefined,
  signal: AbortSignal | undefined,
): Promise<OptimizeResult> {
  try {
    return await optimizeGraph(source, target, { outputs: output ? [output] : undefined, signal })
  } catch (error) {
    throwIfAborted(signal)
    if (!(error instanceof OnnxOptimizerError)) throw error
    throw new NobgError('WEIGHTS_UNAVAILABLE', error.message, { hint: error.hint, cause: error.cause })
  }
}

/** Notes why there is no optimized file, and removes what there is. */
export async function giveUpOptimized(place: OptimizedPlace, reason: string): Promise<void> {
  await writeSidecar({ ...describe(place), reason }, place)
  await rm(place.path, { force: true })
}

/** Removes a optimized file and its sidecar. */
export async function removeOptimized({
  path,
  sidecar,
}: Pick<OptimizedPlace, 'path' | 'sidecar'>): Promise<void> {
  for (const file of [sidecar, `${sidecar}.part`, path, `${path}.part`]) await rm(file, { force: true })
}

/** Where optimized files of a model lie; of a model of the user's own those of former files too. */
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

function describe({ model, original }: OptimizedPlace): Sidecar {
  return { version: GRAPH_VERSION, original, output: model.output ?? null }
}

async function readSidecar(path: string): Promise<Partial<Sidecar>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) ?? {}
  } catch {
    return {}
  }
}

async function writeSidecar(content: Sidecar, { sidecar }: OptimizedPlace): Promise<void> {
  await writeWhole(sidecar, `${JSON.stringify(content, null, 2)}\n`)
}
