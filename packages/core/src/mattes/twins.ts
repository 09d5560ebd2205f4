import { existsSync, realpathSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'

/**
 * Lists the existing files whose paths below the root differ from a path in nothing but case and Unicode normalization; the
 * file itself is one of them. Such files share a folder of mattes: on disks that ignore case, and because the names of folders
 * are composed (NFC).
 *
 * @returns absolute paths
 */
export async function listTwins(path: string, root: string): Promise<string[]> {
  const below = relative(root, path)
  if (isAbsolute(below)) return existsSync(path) ? [path] : []
  let found = [root]
  for (const segment of below.split(sep)) {
    const next = await Promise.all(found.map(dir => findEqual(dir, segment)))
    found = next.flat()
  }
  return found
}

async function findEqual(dir: string, segment: string): Promise<string[]> {
  if (segment === '..') return [dirname(dir)]
  const names = await readdir(dir).catch(() => [])
  return names.filter(name => fold(name) === fold(segment)).map(name => join(dir, name))
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

/**
 * Returns the path of a photograph below the root, if it is below the root by its real path only: a tool may resolve links in
 * the paths of photographs and not in its root. Else returns the path.
 */
export function placeBelow(root: string, path: string): string {
  if (isBelow(root, path)) return path
  try {
    const [realRoot, realPath] = [realpathSync(root), realpathSync(path)]
    return isBelow(realRoot, realPath) ? join(root, relative(realRoot, realPath)) : path
  } catch {
    return path
  }
}

function isBelow(root: string, path: string): boolean {
  const below = relative(root, path)
  return !isAbsolute(below) && below.split(sep)[0] !== '..'
}
