import { type Config, createModelLibrary } from '@nobg/core'

/** Downloads of weights before the first request. */
export interface Preload {
  /** @returns which weights are missing; undefined if none. Starts failed downloads again. */
  findTrouble(): string | undefined
  /** Aborts the downloads. */
  stop(): void
}

/**
 * Starts to download the weights of models, one after the other.
 *
 * @param onError is called for each failed download.
 * @throws {NobgError} UNKNOWN_MODEL, INVALID_OPTION
 */
export function preloadModels(
  names: readonly string[],
  engine: Config,
  onError: (error: unknown) => void,
): Preload {
  const library = createModelLibrary(engine)
  const missing = new Set(names.map(name => library.find(name).id))
  const stopped = new AbortController()
  const { signal } = stopped
  let isFetching = false

  async function fetchMissing(): Promise<void> {
    if (isFetching || signal.aborted) return
    isFetching = true
    for (const id of missing) {
      await library.pull(id, { signal }).then(
        () => missing.delete(id),
        error => signal.aborted || onError(error),
      )
    }
    isFetching = false
  }

  fetchMissing()
  return {
    findTrouble() {
      if (missing.size === 0) return undefined
      fetchMissing()
      return `The weights of ${[...missing].join(', ')} are not downloaded yet.`
    },
    stop: () => stopped.abort(),
  }
}
