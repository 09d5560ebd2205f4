import { sep } from 'node:path'

/** The path with forward slashes, as bundlers write it on every system. */
export function slash(path: string): string {
  return sep === '\\' ? path.replaceAll(sep, '/') : path
}
