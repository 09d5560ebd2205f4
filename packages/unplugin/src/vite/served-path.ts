import { join } from 'node:path'
import type { ResolvedConfig } from 'vite'
import { decodeUrl, stripPostfix } from '../references/reference.ts'
import { slash } from '../references/slash.ts'

/** The path under which the development server serves a file, without its base: below the root, or behind `/@fs/`. */
export function toServedPath({ root }: ResolvedConfig, file: string): string {
  return file.startsWith(`${root}/`) ? file.slice(root.length) : `/@fs/${file.replace(/^\//, '')}`
}

/** The file that a request is for: the way back from {@link toServedPath}, with the base and percent-encoded. */
export function fromServedUrl({ base, root }: ResolvedConfig, url: string): string {
  const path = decodeUrl(stripPostfix(stripBase(base, url))) ?? ''
  return path.startsWith('/@fs/') ? path.slice('/@fs'.length) : slash(join(root, path))
}

/** A request's URL without the server's base, with a leading slash. */
export function stripBase(base: string, url: string): string {
  return url.startsWith(base) ? url.slice(base.length - 1) : url
}
