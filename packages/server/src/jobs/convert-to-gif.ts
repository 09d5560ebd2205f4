import type { Config } from '@nobg/core'
import { createWorkers, resolveConfig } from '@nobg/core/internal'

/** Converts files to GIF, which the engine does not write. */
export interface GifConverter {
  /** @returns uint8, [byteLength] @throws {NobgError} ABORTED; the process of the conversion ends, too */
  convert(file: Uint8Array, signal: AbortSignal): Promise<Uint8Array>
  close(): Promise<void>
}

/** Opens image threads of its own, like those of the engine. The first conversion starts the first. */
export function openGifConverter(engine: Config): GifConverter {
  const workers = createWorkers(resolveConfig(engine))
  return {
    convert: (file, signal) =>
      workers.withImageThread(async (thread, ends) => {
        // The thread takes what it gets, and the cache of the engine may hold this file.
        const { data } = await thread.run('convertToGif', { data: file.slice() }, ends)
        return data
      }, signal),
    close: workers.close,
  }
}
