import { basename, dirname, extname, join } from 'node:path'

/** A pattern for the names of emitted files (`assets/[name]-[hash][extname]`), or a function that returns one. */
export type NamePattern = string | ((...words: never[]) => unknown)

/**
 * Whether a pattern contains a hash (`[hash]`, `[contenthash:8]`), so that pictures with the same name get different files.
 * The result of a function is unknown: false.
 */
export function hasHash(pattern: NamePattern): boolean {
  return typeof pattern === 'string' && /\[[^\]]*hash/i.test(pattern)
}

/** `cat.png` → `cat-1a2b3c4d.png`: a name that no other picture of the photograph has. */
export function addVariant(name: string, variant: string): string {
  const extension = extname(name)
  return join(dirname(name), `${basename(name, extension)}-${variant}${extension}`)
}
