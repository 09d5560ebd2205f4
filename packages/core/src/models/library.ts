import { rm } from 'node:fs/promises'
import { NobgError } from '../shared/errors.ts'
import { withLock } from '../shared/lock.ts'
import type { RunOptions } from '../shared/types.ts'
import { verifyWeights } from './digest.ts'
import { fetchWeights } from './fetch.ts'
import { checkLicense } from './license.ts'
import { isFile, locateWeights, originalPath, type WeightsPlace } from './locate.ts'
import { findOptimized, listOptimized, placeOptimized, removeOptimized } from './optimized.ts'
import { listParts, removeParts } from './partial-download.ts'
import type { ModelRegistry } from './registry.ts'
import type { Model } from './table.ts'
import { ensureWeights, type WeightsConfig } from './weights.ts'

/** A model and the place of its weights on this machine. */
export interface ListedModel extends WeightsPlace {
  model: Model
}

/** The models and their weights on disk. A name is a model's id or fal's name for it, in any letter case. */
export interface ModelLibrary {
  /** Returns the model of this name. @throws {NobgError} UNKNOWN_MODEL */
  find(name: string): Model
  /** Returns all models, local models first. Does not read the weights. */
  list(): Promise<ListedModel[]>
  /** Returns one model and the place of its weights, also if they are not pulled yet. @throws {NobgError} UNKNOWN_MODEL */
  locate(name: string): Promise<ListedModel>
  /**
   * Downloads and optimizes the weights, unless that was done before. Returns their absolute path.
   *
   * @throws {NobgError} UNKNOWN_MODEL, LICENSE_NOT_ALLOWED, WEIGHTS_UNAVAILABLE, WEIGHTS_CORRUPT, ABORTED
   */
  pull(name: string, run?: RunOptions): Promise<string>
  /**
   * Verifies size and sha256 of the weights on disk and of the optimized file, a second per gigabyte. Returns their
   * absolute path.
   *
   * @throws {NobgError} UNKNOWN_MODEL; WEIGHTS_UNAVAILABLE if the file is missing; WEIGHTS_CORRUPT if size or sha256 differ
   */
  verify(name: string): Promise<string>
  /**
   * Removes the files that nobg wrote for a model: downloaded weights, partial downloads and optimized files. Waits for
   * other processes that are fetching or optimizing them.
   *
   * @returns whether a file was removed
   * @throws {NobgError} UNKNOWN_MODEL; INVALID_OPTION if the only file is the user's own or in an npm package
   */
  remove(name: string): Promise<boolean>
}

/** The parts of the config that a library reads. */
interface LibraryConfig extends WeightsConfig {
  /** Licenses of weights that may be pulled; undefined allows all. */
  licenses?: readonly string[] | undefined
}

/** Creates a library of these models, with weights in `modelsDir`. */
export function openModelLibrary(table: ModelRegistry, config: LibraryConfig): ModelLibrary {
  const { modelsDir, licenses } = config
  const locate = async (model: Model) => ({ model, ...(await locateWeights(model, modelsDir)) })
  return {
    find: name => table.find(name),
    list: () => Promise.all(table.list().map(locate)),
    locate: async name => locate(table.find(name)),
    async pull(name, run) {
      checkLicense(table.find(name), licenses, table.list())
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
  // Without `path`, so that the hint says to delete the file and not to correct the model.
  if (optimized) await verifyWeights({ ...model, ...optimized, path: undefined }, optimized.path)
}

/** @param withOriginal whether nobg downloaded the original too */
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
  await withLock(path, remove, {
    readActivity: () => `works on the weights of ${model.id}`,
    onError: () => {},
    logger,
  })
  return true
}

function notOurs({ id }: Model, path: string, origin: 'own' | 'packaged'): NobgError {
  const owner = origin === 'own' ? 'is your own file' : 'is part of an npm package'
  return new NobgError(
    'INVALID_OPTION',
    `Expected a model that nobg downloaded, got ${id}, which ${owner}.`,
    {
      hint: `Remove ${path} yourself if you no longer need it.`,
    },
  )
}
