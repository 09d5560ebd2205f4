import { type Config, createModelLibrary } from '@nobg/core'

/** Weights on their way to this machine before anybody asks for them. */
export interface Preload {
  /** Which weights are not here yet; undefined where all are. Looks after what could not be fetched once more. */
  findTrouble(): string | undefined
  /** Gives up what is under way. */
  stop(): void
}

/**
 * Begins to fetch the weights of models, one after the other.
 *
 * @param onError hears of each fetch that failed.
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
      return `The weights of ${[...missing].join(', ')} are not here yet.`
    },
    stop: () => stopped.abort(),
  }
}
