import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * Where a project's cache lives, as an absolute path; nothing is created. The environment variable `NOBG_CACHE_DIR`
 * (relative to `root`) wins; then, in a package or a folder of one, the package's `node_modules/.cache/nobg`, the place that
 * tools and CI services know and git ignores; then, in any other folder and where `node_modules` cannot be written or made,
 * `<root>/.nobg-cache`.
 */
export function defaultCacheDir(root: string): string {
  const wanted = process.env.NOBG_CACHE_DIR
  if (wanted) return resolve(root, wanted)
  const project = findPackage(resolve(root))
  const cache = project && join(project, 'node_modules', '.cache')
  return cache && canCreate(cache) ? join(cache, 'nobg') : resolve(root, '.nobg-cache')
}

/** The folder itself or the nearest above it that is a package's; some hosts take a folder of a package for their root. */
function findPackage(dir: string): string | undefined {
  if (existsSync(join(dir, 'node_modules')) || existsSync(join(dir, 'package.json'))) return dir
  return dirname(dir) === dir ? undefined : findPackage(dirname(dir))
}

/** Whether the folder, or else the nearest of its two parents that exists, is a folder that can be written. */
function canCreate(dir: string): boolean {
  const nearest = [dir, resolve(dir, '..'), resolve(dir, '../..')].find(existsSync)
  if (nearest === undefined) return false
  try {
    accessSync(nearest, constants.W_OK)
    return statSync(nearest).isDirectory()
  } catch {
    return false
  }
}
