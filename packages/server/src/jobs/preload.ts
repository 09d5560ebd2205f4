import { setTimeout as delay } from 'node:timers/promises'
import { type Config, createModelLibrary } from '@nobg/core'

/** Downloads of weights before the first request. */
export interface Preload {
  /** @returns which weights are missing; undefined if none */
  findTrouble(): string | undefined
  /** Aborts the downloads. */
  stop(): void
}

const MIN_RETRY_MS = 10_000
const MAX_RETRY_MS = 600_000

/**
 * Starts to download the weights of models, one after the other. Failed downloads start again after 10 s, 20 s, …, 10 min.
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

  async function fetchMissing(): Promise<void> {
    for (const id of missing) {
      await library.pull(id, { signal }).then(
        () => missing.delete(id),
        error => signal.aborted || onError(error),
      )
    }
  }

  async function fetchAll(): Promise<void> {
    for (let waitMs = MIN_RETRY_MS; ; waitMs = Math.min(2 * waitMs, MAX_RETRY_MS)) {
      await fetchMissing()
      if (missing.size === 0 || signal.aborted) return
      await delay(waitMs, undefined, { signal, ref: false })
    }
  }

  // Rejects if it is stopped in a pause.
  fetchAll().catch(() => {})
  return {
    findTrouble() {
      if (missing.size === 0) return undefined
      return `The weights of ${[...missing].join(', ')} are not downloaded yet.`
    },
    stop: () => stopped.abort(),
  }
}
