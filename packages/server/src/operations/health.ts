import type { Preload } from '../jobs/preload.ts'

/**
 * Makes what says why no request should come here now, and nothing where all is well.
 *
 * @param ping asks the Redis that this server shares; undefined where it shares none.
 */
export function createHealth(
  isClosing: () => boolean,
  ping: (() => Promise<unknown>) | undefined,
  preload: Preload,
): () => Promise<string | undefined> {
  return async () => {
    if (isClosing()) return 'The server is closing.'
    const isThere = await ping?.().then(Boolean, () => false)
    return isThere === false ? 'Redis does not answer.' : preload.findTrouble()
  }
}
