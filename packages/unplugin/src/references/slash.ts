import { sep } from 'node:path'

/** The path as bundlers write it: with forward slashes on every system. */
export function slash(path: string): string {
  return sep === '\\' ? path.replaceAll(sep, '/') : path
}
