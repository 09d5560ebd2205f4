import { type Config, createRemover, models } from '@nobg/core'
import type { Addresses } from '../files/addresses.ts'
import type { FileShelf } from '../files/file-shelf.ts'
import type { FetchPublic } from '../net/fetch-public.ts'
import { type OnEnd, observeRun } from '../operations/observe-run.ts'
import type { Run } from '../requests.ts'
import { createImageReader } from './read-image.ts'
import { createRun, type Workshop } from './run-request.ts'

export interface WorkshopSettings
  extends Pick<Workshop, 'shelf' | 'fileLifeSeconds' | 'onPicture' | 'onError'> {
  engine: Config
  shelf: FileShelf
  fetchPublic: FetchPublic
  maxImageBytes: number
  onEnd: OnEnd
}

/** The engine, and all that a request needs of this process. */
export interface OpenWorkshop {
  /** What runs requests whose files have these addresses. */
  runAt(addresses: Addresses): Run
  close(): Promise<void>
}

/** @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL (of `substitute`) */
export function openWorkshop(settings: WorkshopSettings): OpenWorkshop {
  const { engine, shelf, fetchPublic, maxImageBytes, onEnd, ...others } = settings
  const remover = createRemover(engine)
  const ownModels = [...models.map(({ id }) => id), ...Object.keys(engine.models ?? {})]
  return {
    runAt(addresses) {
      const readImage = createImageReader(shelf, addresses, fetchPublic, maxImageBytes)
      return observeRun(createRun({ ...others, shelf, remover, addresses, ownModels, readImage }), onEnd)
    },
    close: () => remover.close(),
  }
}
