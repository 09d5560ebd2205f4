import type { Preload } from '../jobs/preload.ts'

/**
 * Creates the check of `/readyz`. It resolves with the reason why the server should get no requests, or undefined.
 *
 * @param probeStore checks Redis or the disk, where requests are stored.
 */
export function createHealth(
  isClosing: () => boolean,
  probeStore: () => Promise<string | undefined>,
  preload: Preload,
): () => Promise<string | undefined> {
  return async () =>
    isClosing() ? 'The server is closing.' : ((await probeStore()) ?? preload.findTrouble())
}
