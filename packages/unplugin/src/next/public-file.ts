import { join } from 'node:path'
import { isFile } from '../references/is-file.ts'
import { stripPostfix } from '../references/reference.ts'

/**
 * Finds the file of the public folder that a URL's path names, with or without the base path.
 *
 * @param pathname decoded, with a leading slash.
 * @returns absolute path; undefined if there is no such file.
 */
export function findPublicFile(projectDir: string, pathname: string, basePath: string): string | undefined {
  const path = stripPostfix(pathname)
  const paths = basePath && path.startsWith(`${basePath}/`) ? [path.slice(basePath.length), path] : [path]
  return paths.map(one => join(projectDir, 'public', one)).find(isFile)
}
