import { type Config, createRemover, models } from '@nobg/core'
import type { Addresses } from '../files/addresses.ts'
import type { TokenFileStore } from '../files/token-file-store.ts'
import type { FetchPublic } from '../net/fetch-public.ts'
import type { Run } from '../requests/request.ts'
import { openGifConverter } from './convert-to-gif.ts'
import { limitRun } from './limit-run.ts'
import { type OnEnd, observeRun } from './observe-run.ts'
import { createImageReader } from './read-image.ts'
import { createRun, type RunDependencies } from './run-request.ts'

export interface RunnerSettings
  extends Pick<RunDependencies, 'fileStore' | 'fileLifeSeconds' | 'onPicture' | 'onError'> {
  engine: Config
  /** How long a request may run. */
  maxRunSeconds: number
  fileStore: TokenFileStore
  fetchPublic: FetchPublic
  maxImageBytes: number
  onEnd: OnEnd
}

/** Runs requests with an engine of this process. */
export interface Runner {
  /** @returns a function that runs requests whose files get these addresses */
  runAt(addresses: Addresses): Run
  close(): Promise<void>
}

/** @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL (of `substitute`) */
export function openRunner(settings: RunnerSettings): Runner {
  const { engine, maxRunSeconds, fileStore, fetchPublic, maxImageBytes, onEnd, ...others } = settings
  const config = { ...engine, svg: engine.svg ?? false, isolate: engine.isolate ?? true }
  const remover = createRemover(config)
  const gifs = openGifConverter(config)
  const ownModels = [...models.map(({ id }) => id), ...Object.keys(engine.models ?? {})]
  return {
    runAt(addresses) {
      const readImage = createImageReader(fileStore, addresses, fetchPublic, maxImageBytes)
      const run = createRun({ ...others, fileStore, remover, gifs, addresses, ownModels, readImage })
      return observeRun(limitRun(run, maxRunSeconds * 1000), onEnd)
    },
    async close() {
      await Promise.all([remover.close(), gifs.close()])
    },
  }
}
