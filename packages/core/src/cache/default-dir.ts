import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * Where a project's cache lives, as an absolute path; nothing is created. The environment variable `NOBG_CACHE_DIR`
 * (relative to `root`) wins; then, in a package, `<root>/node_modules/.cache/nobg`, the place that tools and CI services know
 * and git ignores; then, in any other folder and where `node_modules` cannot be written or made, `<root>/.nobg-cache`.
 */
export function defaultCacheDir(root: string): string {
  const wanted = process.env.NOBG_CACHE_DIR
  if (wanted) return resolve(root, wanted)
  const modules = resolve(root, 'node_modules')
  const isPackage = existsSync(modules) || existsSync(resolve(root, 'package.json'))
  return isPackage && canCreateIn(join(modules, '.cache'))
    ? join(modules, '.cache', 'nobg')
    : resolve(root, '.nobg-cache')
}

/** Whether the folder, or else the nearest of its two parents that exists, is a folder that can be written. */
function canCreateIn(dir: string): boolean {
  const nearest = [dir, resolve(dir, '..'), resolve(dir, '../..')].find(existsSync)
  if (nearest === undefined) return false
  try {
    accessSync(nearest, constants.W_OK)
    return statSync(nearest).isDirectory()
  } catch {
    return false
  }
}
