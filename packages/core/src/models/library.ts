import { rm } from 'node:fs/promises'
import { NobgError } from '../errors.ts'
import type { RunOptions } from '../types.ts'
import { verifyWeights } from './digest.ts'
import type { ModelTable } from './find.ts'
import type { Model } from './table.ts'
import { ensureWeights, locateWeights, type WeightsConfig, type WeightsPlace } from './weights.ts'

/** A model and where its weights are on this machine. */
export interface ListedModel extends WeightsPlace {
  model: Model
}

/** The models and their weights on disk. Names are ids or fal's names, letter case aside. */
export interface ModelLibrary {
  /** The model of this name. @throws {NobgError} UNKNOWN_MODEL */
  find(name: string): Model
  /** Every model, the user's own first; looks at the disk and reads nothing. */
  list(): Promise<ListedModel[]>
  /** One model and where its weights are, or will be once they are pulled. @throws {NobgError} UNKNOWN_MODEL */
  locate(name: string): Promise<ListedModel>
  /**
   * Downloads the weights unless they are there, and gives their absolute path.
   *
   * @throws {NobgError} UNKNOWN_MODEL, WEIGHTS_UNAVAILABLE, ABORTED
   */
  pull(name: string, run?: RunOptions): Promise<string>
  /**
   * Hashes the weights on disk (a second per gigabyte) and gives their absolute path.
   *
   * @throws {NobgError} UNKNOWN_MODEL; WEIGHTS_UNAVAILABLE where they are not there; WEIGHTS_CORRUPT where size or sha256 differ
   */
  verify(name: string): Promise<string>
  /**
   * Removes downloaded weights from the models' folder, and nothing else.
   *
   * @returns whether there was a file to remove
   * @throws {NobgError} UNKNOWN_MODEL; INVALID_OPTION for the user's own file and for weights that a package carries
   */
  remove(name: string): Promise<boolean>
}

/** Joins a table of models with a folder of weights. */
export function openModelLibrary(table: ModelTable, config: WeightsConfig): ModelLibrary {
  const locate = async (model: Model) => ({ model, ...(await locateWeights(model, config.modelsDir)) })
  return {
    find: name => table.find(name),
    list: () => Promise.all(table.list().map(locate)),
    locate: async name => locate(table.find(name)),
    pull: async (name, run) => ensureWeights(table.find(name), config, run),
    async verify(name) {
      const model = table.find(name)
      const path = await ensureWeights(model, { ...config, download: false })
      await verifyWeights(model, path)
      return path
    },
    async remove(name) {
      const { model, path, origin, installed } = await locate(table.find(name))
      if (origin !== 'downloaded') throw notOurs(model, path, origin)
      if (installed) await rm(path, { force: true })
      return installed
    },
  }
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
