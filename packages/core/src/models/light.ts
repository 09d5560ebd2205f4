import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../folder.ts'
import { GRAPH_VERSION, lightenGraph } from './graph/lighten.ts'
import { readNames } from './part.ts'
import { expectSpace } from './space.ts'
import type { Model } from './table.ts'

/** A weights file as a session opens it. */
export interface WeightsFile {
  path: string
  bytes?: number
  /** 64 hex digits; absent where nobody has said what the file must be. */
  sha256?: string
  /** Whether it is the light file and not the original. */
  isLight: boolean
}

/** Where the light file of a model lies, and what it is made from. */
export interface LightPlace {
  model: Model
  /** sha256 of the original. */
  original: string
  /** The light file. */
  path: string
  /** What is known of it, as JSON. */
  sidecar: string
}

/** What lies beside a light file, or in its place where there can be none. */
interface Sidecar {
  /** Of the rewriting: another version makes another file. */
  version: number
  /** sha256 of the file it was made from. */
  original: string
  /** The output that was kept; all of them where null. */
  output: string | null
  light?: { bytes: number; sha256: string }
  /** Why there is no light file, so that it is not tried again. */
  reason?: string
}

/** What is known of a model's light file: the file, or why there is none; undefined where it is yet to be made. */
export type KnownLight = { file: WeightsFile; reason?: undefined } | { file?: undefined; reason: string }

/**
 * `<id>.light.onnx` beside the original; for a file of the user's own under a name that carries its digest too, in the
 * models' folder as well: nothing is ever written beside it.
 */
export function placeLight(model: Model, original: string, modelsDir: string): LightPlace {
  const stem = join(modelsDir, model.path ? `${model.id}-${original.slice(0, 16)}` : model.id)
  return { model, original, ...lightOf(stem) }
}

/** Looks at the sidecar and at the size of the file, and reads nothing of it: the session checks its digest. */
export async function findLight(place: LightPlace): Promise<KnownLight | undefined> {
  const { light, reason, ...made } = await readSidecar(place.sidecar)
  const { light: _, reason: __, ...expected } = describe(place)
  if (JSON.stringify(made) !== JSON.stringify(expected)) return undefined
  if (reason !== undefined) return { reason }
  const size = (await stat(place.path).catch(() => undefined))?.size
  return light && size === light.bytes ? { file: { path: place.path, ...light, isLight: true } } : undefined
}

/**
 * Rewrites a model once, whole or not at all. Only one process at a time may do so.
 *
 * @param source the original, verified: what is wrong in it would be right in the light file.
 * @throws {NobgError} WEIGHTS_UNAVAILABLE where the light file cannot be written, ABORTED
 */
export async function makeLight(
  source: string,
  place: LightPlace,
  signal: AbortSignal | undefined,
): Promise<KnownLight> {
  const part = `${place.path}.part`
  const dir = dirname(place.path)
  await makeFolder(dir)
  await expectSpace(dir, (await stat(source)).size, `for the light file of ${place.model.id}`)
  const { output } = place.model
  const made = await lightenGraph(source, part, { outputs: output ? [output] : undefined, signal })
  if (!made.changed) {
    await giveUpLight(place, made.reason)
    return { reason: made.reason }
  }
  const { bytes, sha256 } = made
  // The sidecar last: a file without one is made anew.
  await rm(place.sidecar, { force: true })
  await rename(part, place.path)
  await writeSidecar({ ...describe(place), light: { bytes, sha256 } }, place)
  return { file: { path: place.path, bytes, sha256, isLight: true } }
}

/** Notes why there is no light file, and removes what there is. */
export async function giveUpLight(place: LightPlace, reason: string): Promise<void> {
  await writeSidecar({ ...describe(place), reason }, place)
  await rm(place.path, { force: true })
}

/** Removes a light file and its sidecar. */
export async function removeLight({ path, sidecar }: Pick<LightPlace, 'path' | 'sidecar'>): Promise<void> {
  for (const file of [sidecar, `${sidecar}.part`, path, `${path}.part`]) await rm(file, { force: true })
}

/** Where light files of a model lie; of a model of the user's own those of former files too. */
export async function listLights(
  { id, path }: Model,
  modelsDir: string,
): Promise<Pick<LightPlace, 'path' | 'sidecar'>[]> {
  const names = await readNames(modelsDir)
  const stems = names.flatMap(name => /^(.+)\.light\.(?:onnx|json)(?:\.part)?$/.exec(name)?.[1] ?? [])
  const own = stems.filter(stem => stem === (path ? `${id}-${stem.slice(-16)}` : id))
  return [...new Set(own)].map(stem => lightOf(join(modelsDir, stem)))
}

function lightOf(stem: string): Pick<LightPlace, 'path' | 'sidecar'> {
  return { path: `${stem}.light.onnx`, sidecar: `${stem}.light.json` }
}

function describe({ model, original }: LightPlace): Sidecar {
  return { version: GRAPH_VERSION, original, output: model.output ?? null }
}

async function readSidecar(path: string): Promise<Partial<Sidecar>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) ?? {}
  } catch {
    return {}
  }
}

async function writeSidecar(content: Sidecar, { sidecar }: LightPlace): Promise<void> {
  const part = `${sidecar}.part`
  await writeFile(part, `${JSON.stringify(content, null, 2)}\n`)
  await rename(part, sidecar)
}
