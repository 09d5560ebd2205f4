import { createHash } from 'node:crypto'
import { type BigIntStats, createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { abortError, NobgError, throwIfAborted } from '../shared/errors.ts'
import { digestBytes } from '../shared/hash.ts'
import { lacksDescriptors, withOpenFile } from '../shared/open-files.ts'
import type { Source } from '../shared/types.ts'
import { type ReadLimits, refuseSize } from './limits.ts'
import { nameSource } from './source-name.ts'

/** Digests of files by absolute path, each good for as long as the file's identity stays what it was. */
export type DigestMemo = Map<string, { identity: string; digest: string }>

// The coarsest clock among common file systems, FAT's, ticks every two seconds.
const clockTickMs = 2000

// One chunk per file is in memory; 0.5 to 3 ms of hashing, depending on the processor's SHA instructions.
const chunkBytes = 2 ** 20

/**
 * Reads a file to its digest, or recalls the digest where `digests` knows the file unchanged; the bytes are not kept.
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
  const digest = known?.identity === identity ? known.digest : await digestFile(absolute, limits.signal)
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
      `Expected an image file, got ${stats.isDirectory() ? 'a directory' : 'no regular file'}: ${path}`,
      { hint: 'Give the path of one image.' },
    )
  }
  if (stats.size === 0n) {
    throw new NobgError('INVALID_SOURCE', `Expected an image, got a file of 0 bytes: ${path}`, {
      hint: 'The file was probably cut off while it was written or copied: fetch it again.',
    })
  }
  refuseSize(Number(stats.size), maxBytes, path)
  return stats
}

/** Equal for as long as nobody has written to the file or put another in its place. */
function identifyFile({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join('-')
}

/** Hashes a file as a stream: of many files that are planned at once, only a few chunks are in memory. */
function digestFile(path: string, signal?: AbortSignal): Promise<string> {
  return openFile(path, signal, async () => {
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes, signal }))
      hash.update(chunk)
    return hash.digest('hex')
  })
}

/** Reads the bytes whose digest is known; hashes them again only where the file's identity does not vouch for them. */
async function readUnchanged(
  path: string,
  digest: string,
  identity: string | undefined,
): Promise<Uint8Array> {
  const bytes = await readWhole(path)
  const isVouchedFor = identity !== undefined && identifyFile(await statImage(path)) === identity
  if (isVouchedFor) return bytes
  if ((await digestBytes(bytes)) === digest) return bytes
  throw new NobgError(
    'SOURCE_CHANGED',
    `Expected the file as it was when it was first read, got a changed one: ${path}`,
    {
      hint: 'Start again once the file is no longer being written.',
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

/** A system's error repeats the path: of more characters than any system takes, it is no help to anybody. */
const longestPath = 4096

function notReadable(path: string, error: unknown): NobgError {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  const cause = path.length > longestPath ? undefined : error
  if (lacksDescriptors(error)) {
    return new NobgError(
      'SOURCE_TIMEOUT',
      `Expected to open the image file, got ${code} (too many open files) for a minute: ${path}`,
      { hint: 'Raise the limit of open files (ulimit -n), or keep fewer files open in this process.', cause },
    )
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new NobgError('SOURCE_NOT_FOUND', `Expected an image file, got nothing at this path: ${path}`, {
      hint: 'Check the spelling; a relative path starts at the working directory.',
      cause,
    })
  }
  return new NobgError('SOURCE_NOT_FOUND', `Expected a readable image file, got ${code ?? error}: ${path}`, {
    hint: 'Check that the path is well-formed and that this process may read the file.',
    cause,
  })
}
