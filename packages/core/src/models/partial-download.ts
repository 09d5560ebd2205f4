import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Model } from './table.ts'

/** What has come of a file so far. */
export interface Part {
  /** Bytes. */
  done: number
  /** sha256 over these bytes. */
  hash: Hash
}

/** Where a download lies until it is whole. The name carries the digest, so that no part of other weights is continued. */
export function partPath(path: string, { sha256 }: Model): string {
  return `${path}.${sha256?.slice(0, 8) ?? 'unknown'}.part`
}

/**
 * What a download that was cut left behind; nothing of a row that names no digest, for then nobody could tell whether
 * the rest fits. The bytes are read anew: a second per gigabyte, and no state to keep.
 */
export async function readPart(
  part: string,
  { bytes = 0, sha256 }: Model,
  signal?: AbortSignal,
): Promise<Part> {
  const size = (await stat(part).catch(() => undefined))?.size ?? 0
  const hash = createHash('sha256')
  if (!sha256 || size === 0 || size > bytes) return { done: 0, hash }
  let done = 0
  for await (const chunk of createReadStream(part, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk)
    done += chunk.byteLength
  }
  return { done, hash }
}

/** Every part of a file, whatever its digest. */
export async function listParts(path: string): Promise<string[]> {
  const names = await readNames(dirname(path))
  const parts = names.filter(name => name.startsWith(`${basename(path)}.`) && name.endsWith('.part'))
  return parts.map(name => join(dirname(path), name))
}

/** Names in a folder; none if there is no such folder. @throws the system's error if it may not be read */
export async function readNames(dir: string): Promise<string[]> {
  return readdir(dir).catch(error => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
}

/** Removes the parts of a file, all but the one to keep. */
export async function removeParts(path: string, keep?: string): Promise<void> {
  for (const part of await listParts(path)) if (part !== keep) await rm(part, { force: true })
}
