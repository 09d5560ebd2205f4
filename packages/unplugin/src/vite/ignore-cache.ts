import type { ResolvedConfig } from 'vite'
import { slash } from '../references/slash.ts'

/**
 * Keeps Vite's watcher from watching the finished pictures. Vite ignores only `node_modules`, and each picture in a cache
 * elsewhere in the project would take several watches of the system.
 *
 * @param cacheDir absolute path with slashes
 */
export function ignoreCache({ server }: ResolvedConfig, cacheDir: string): void {
  // `null` turns the watcher off.
  if (server.watch === null) return
  const ignored = [server.watch?.ignored ?? []].flat()
  const isCache = (path: string) => `${slash(path)}/`.startsWith(`${cacheDir}/`)
  server.watch = { ...server.watch, ignored: [...ignored, isCache] }
}
