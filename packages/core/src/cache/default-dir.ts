import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * Returns the absolute path of a project's cache folder; creates nothing. The first that applies:
 *
 * 1. the environment variable `NOBG_CACHE_DIR`, relative to `root`
 * 2. `node_modules/.cache/nobg` of the package that contains `root`, which git ignores and CI services keep
 * 3. `<root>/.nobg-cache`, if there is no package, or if `node_modules` cannot be written or created
 */
export function defaultCacheDir(root: string): string {
  const wanted = process.env.NOBG_CACHE_DIR
  if (wanted) return resolve(root, wanted)
  const project = findPackage(resolve(root))
  const cache = project && join(project, 'node_modules', '.cache')
  return cache && canCreate(cache) ? join(cache, 'nobg') : resolve(root, '.nobg-cache')
}

/** Returns the nearest folder, from `dir` upwards, that is a package: some hosts use a subfolder of it as their root. */
function findPackage(dir: string): string | undefined {
  if (existsSync(join(dir, 'node_modules')) || existsSync(join(dir, 'package.json'))) return dir
  return dirname(dir) === dir ? undefined : findPackage(dirname(dir))
}

/** Whether the folder can be written. If it does not exist, checks its parent or grandparent. */
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
