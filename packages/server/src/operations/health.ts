import type { Preload } from '../jobs/preload.ts'

/**
 * Creates the check of `/readyz`. It resolves with the reason why the server should get no requests, or undefined.
 *
 * @param ping calls Redis; undefined without Redis.
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
