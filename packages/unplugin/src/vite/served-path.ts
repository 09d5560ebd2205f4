import { join } from 'node:path'
import type { ResolvedConfig } from 'vite'
import { decodeUrl, stripPostfix } from '../references/reference.ts'
import { slash } from '../references/slash.ts'

/** The URL path of a file on the development server, without the base: from the root, or with the prefix `/@fs/`. */
export function toServedPath({ root }: ResolvedConfig, file: string): string {
  return file.startsWith(`${root}/`) ? file.slice(root.length) : `/@fs/${file.replace(/^\//, '')}`
}

/** The file of a request's URL, which has a base and is percent-encoded: the inverse of {@link toServedPath}. */
export function fromServedUrl({ base, root }: ResolvedConfig, url: string): string {
  const path = decodeUrl(stripPostfix(stripBase(base, url))) ?? ''
  return path.startsWith('/@fs/') ? path.slice('/@fs'.length) : slash(join(root, path))
}

/** A request's URL without the server's base, with a leading slash. */
export function stripBase(base: string, url: string): string {
  return url.startsWith(base) ? url.slice(base.length - 1) : url
}
