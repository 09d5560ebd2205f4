import { createHash, type Hash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hashFile } from '../shared/hash.ts'
import type { Model } from './table.ts'

/** The part of a file that has arrived. */
export interface Part {
  /** Bytes. */
  done: number
  /** sha256 over these bytes. */
  hash: Hash
}

/** Path of an unfinished download. The name contains the digest, so that a part of other weights is never resumed. */
export function partPath(path: string, { sha256 }: Model): string {
  return `${path}.${sha256?.slice(0, 8) ?? 'unknown'}.part`
}

/**
 * Reads the part that an interrupted download left. Returns an empty part if the model has no digest, because nothing could
 * tell whether the rest fits. Hashes the bytes again, which takes a second per gigabyte and needs no stored state.
 */
export async function readPart(
  part: string,
  { bytes = 0, sha256 }: Model,
  signal?: AbortSignal,
): Promise<Part> {
  const size = (await stat(part).catch(() => undefined))?.size ?? 0
  if (!sha256 || size === 0 || size > bytes) return emptyPart()
  const { hash, bytes: done } = await hashFile(part, signal)
  return { done, hash }
}

/** The part of a download that starts. */
export function emptyPart(): Part {
  return { done: 0, hash: createHash('sha256') }
}

/** Paths of all parts of a file, of any digest. */
export async function listParts(path: string): Promise<string[]> {
  const names = await readNames(dirname(path))
  const parts = names.filter(name => name.startsWith(`${basename(path)}.`) && name.endsWith('.part'))
  return parts.map(name => join(dirname(path), name))
}

/** Names in a folder; empty if there is no such folder. @throws {Error} the system's, if the folder cannot be read */
export async function readNames(dir: string): Promise<string[]> {
  return readdir(dir).catch(error => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
}

/** Removes the parts of a file, except `keep`. */
export async function removeParts(path: string, keep?: string): Promise<void> {
  for (const part of await listParts(path)) if (part !== keep) await rm(part, { force: true })
}
