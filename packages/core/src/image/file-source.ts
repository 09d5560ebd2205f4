import type { BigIntStats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { abortError, NobgError, throwIfAborted } from '../shared/errors.ts'
import { digestBytes, digestFile } from '../shared/hash.ts'
import { nameSource } from '../shared/names.ts'
import { lacksDescriptors, withOpenFile } from '../shared/open-files.ts'
import { suggestFile } from '../shared/suggest-file.ts'
import type { Source } from '../shared/types.ts'
import { type ReadLimits, refuseSize } from './limits.ts'

/** Digests of files by absolute path. A digest is valid while the file's identity is unchanged. */
export type DigestMemo = Map<string, { identity: string; digest: string }>

// Resolution of FAT's timestamps, the coarsest of the common file systems.
const clockTickMs = 2000

/**
 * Returns a file as a source. Hashes the file, unless `digests` has the digest of the unchanged file. Does not keep the
 * bytes in memory.
 *
 * @throws {NobgError} SOURCE_NOT_FOUND, INVALID_SOURCE (an empty file), SOURCE_TOO_LARGE, ABORTED
 */
export async function readFileSource(
  path: string,
  limits: ReadLimits,
  digests?: DigestMemo,
): Promise<Source> {
  const absolute = resolve(path)
  const stats = await statImage(absolute, limits.maxBytes)
  throwIfAborted(limits.signal)
  const identity = identifyFile(stats)
  const known = digests?.get(absolute)
  const digest = known?.identity === identity ? known.digest : await openAndDigest(absolute, limits.signal)
  const settled = Date.now() - Number(stats.ctimeMs) > clockTickMs
  if (settled) digests?.set(absolute, { identity, digest })
  const bytes = () => readUnchanged(absolute, digest, settled ? identity : undefined)
  return { digest, name: nameSource(absolute), path: absolute, bytes }
}

async function statImage(path: string, maxBytes = Number.POSITIVE_INFINITY): Promise<BigIntStats> {
  const stats = await stat(path, { bigint: true }).catch(cause => {
    throw notReadable(path, cause)
  })
  if (!stats.isFile()) {
    throw new NobgError(
      'SOURCE_NOT_FOUND',
      `Expected an image file, got ${stats.isDirectory() ? 'a folder' : 'a device, a socket or another special file'}: ${path}`,
      { hint: 'Give the path of one image.' },
    )
  }
  if (stats.size === 0n) {
    throw new NobgError('INVALID_SOURCE', `Expected an image, got a file of 0 bytes: ${path}`, {
      hint: 'Download or copy the file again: the write was probably interrupted.',
    })
  }
  refuseSize(Number(stats.size), maxBytes, path)
  return stats
}

/** Changes if the file is written or replaced. */
function identifyFile({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join('-')
}

function openAndDigest(path: string, signal?: AbortSignal): Promise<string> {
  return openFile(path, signal, () => digestFile(path, signal))
}

/** Reads the file. Hashes it again only if its identity does not prove that it is unchanged. */
async function readUnchanged(
  path: string,
  digest: string,
  identity: string | undefined,
): Promise<Uint8Array> {
  const bytes = await readWhole(path)
  const isUnchanged = identity !== undefined && identifyFile(await statImage(path)) === identity
  if (isUnchanged) return bytes
  if ((await digestBytes(bytes)) === digest) return bytes
  throw new NobgError(
    'SOURCE_CHANGED',
    `Expected the file to stay unchanged while nobg processes it, got different content: ${path}`,
    {
      hint: 'Another program is probably writing the file. Run nobg again when the file is complete.',
    },
  )
}

function readWhole(path: string): Promise<Uint8Array> {
  return openFile(path, undefined, () => readFile(path))
}

async function openFile<Value>(
  path: string,
  signal: AbortSignal | undefined,
  read: () => Promise<Value>,
): Promise<Value> {
  try {
    return await withOpenFile(read, signal)
  } catch (cause) {
    throw signal?.aborted ? abortError(signal) : notReadable(path, cause)
  }
}

/** Longest path of any system, in characters. The system's error for a longer path only repeats the path, and is omitted. */
const longestPath = 4096

function notReadable(path: string, error: unknown): NobgError {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  const cause = path.length > longestPath ? undefined : error
  if (lacksDescriptors(error)) {
    return new NobgError(
      'SOURCE_TIMEOUT',
      `Expected to open the image file within a minute, got ${code} (too many open files): ${path}`,
      { hint: 'Raise the limit of open files (ulimit -n), or keep fewer files open in this process.', cause },
    )
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new NobgError('SOURCE_NOT_FOUND', `Expected an image file, got nothing at this path: ${path}`, {
      hint: suggestFile(path) ?? 'Check the spelling. A relative path is relative to the working directory.',
      cause,
    })
  }
  return new NobgError('SOURCE_NOT_FOUND', `Expected a readable image file, got ${code ?? error}: ${path}`, {
    hint: 'Check the path, and the permissions of the file.',
    cause,
  })
}
