import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { type Content, readPieces, type StreamedStorage, sizeOf, writeContent } from '../storage/content.ts'
import type { StoredBytes } from './stored-bytes.ts'

interface Names {
  contentType: string
  /** Readable name; never part of a path on disk. */
  fileName: string
}

interface StoredFile extends Names {
  /** uint8, [byteLength] */
  bytes: Uint8Array
}

interface NewFile extends Names {
  bytes: Content
}

/** A file that is read while it is sent. */
export interface OpenedFile extends Names {
  size: number
  /** All bytes if there are few, or if the storage has no streams. */
  body: Uint8Array | ReadableStream<Uint8Array>
}

interface Label extends Names {
  /** Size of the file in bytes. */
  size: number
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** Uploads and results, by tokens that cannot be guessed. */
export interface TokenFileStore {
  /**
   * Stores a file until it expires.
   *
   * @param token default: a new token. A file of this token is replaced.
   * @returns the token: 43 characters, 256 random bits
   * @throws {Error} of the storage; no file is left at the token
   */
  put(file: NewFile, lifeSeconds: number, token?: string): Promise<string>
  /** @returns undefined if there is no such file or it has expired */
  get(token: string): Promise<StoredFile | undefined>
  /** Opens a file, to send it in pieces. @returns undefined if there is no such file or it has expired */
  open(token: string): Promise<OpenedFile | undefined>
  /** @returns bytes of a file; undefined if there is no such file or it has expired */
  measure(token: string): Promise<number | undefined>
  /** Removes a file before it expires. */
  delete(token: string): Promise<void>
  /** Removes expired files and counts the bytes of the others, as they are in the storage. */
  sweep(): Promise<void>
}

/** The form of {@link createToken}'s results. A token is a key of the storage, so nothing else is accepted. */
export const TOKEN_PATTERN = /^[\w-]{43}$/

/** @returns 43 characters of base64url, 256 random bits */
export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

/** A file of more bytes is read in pieces. */
const PIECES_FROM = 2 ** 20

/** @param stored counts the bytes of the files. Default: they are not counted. */
export function createTokenFileStore(files: StreamedStorage, stored?: StoredBytes): TokenFileStore {
  const { storage, streams } = files
  const labelOf = (token: string) => `labels:${token}`
  const fileOf = (token: string) => `files:${token}`

  async function remove(token: string): Promise<void> {
    await storage.removeItem(fileOf(token))
    await storage.removeItem(labelOf(token))
    stored?.forget(token)
  }

  async function findLabel(token: string): Promise<Label | undefined> {
    if (!TOKEN_PATTERN.test(token)) return undefined
    const label = await storage.getItem<Label>(labelOf(token))
    // A truncated label, which a storage of the user's may hold, is a text without these fields.
    return label && label.expiresAt >= Date.now() ? label : undefined
  }

  async function readWhole(token: string, size: number): Promise<Uint8Array | undefined> {
    // Some storages return nothing for an empty file.
    const bytes = size === 0 ? new Uint8Array() : await storage.getItemRaw<Uint8Array>(fileOf(token))
    return bytes?.byteLength === size ? bytes : undefined
  }

  async function write(token: string, { bytes, ...names }: NewFile, lifeSeconds: number): Promise<void> {
    const size = sizeOf(bytes)
    const label: Label = { ...names, size, expiresAt: Date.now() + lifeSeconds * 1000 }
    try {
      // The label first, so that a sweep finds every file. A file with another length than its label says is not read.
      await storage.setItem(labelOf(token), { ...label }, { ttl: lifeSeconds })
      await writeContent(files, fileOf(token), bytes, lifeSeconds)
    } catch (error) {
      await remove(token).catch(() => {})
      throw error
    }
  }

  /** Removes an expired file, or counts its bytes. */
  async function check(token: string): Promise<void> {
    const label = await storage.getItem<Label>(labelOf(token))
    if (!label || !(label.expiresAt >= Date.now())) return remove(token)
    // A file that this process writes now is counted already.
    if (!stored || stored.has(token, 0)) return
    const { size = label.size } = await storage.getMeta(fileOf(token), { nativeOnly: true })
    stored.note(token, 0, Number(size))
  }

  return {
    async put({ bytes, contentType, fileName }, lifeSeconds, token = createToken()) {
      const file = { bytes, contentType, fileName }
      const writeFile = () => write(token, file, lifeSeconds)
      await (stored ? stored.hold(token, 0, sizeOf(bytes), writeFile) : writeFile())
      return token
    },
    async get(token) {
      const label = await findLabel(token)
      if (!label) return undefined
      const { contentType, fileName, size } = label
      const bytes = await readWhole(token, size)
      return bytes && { bytes, contentType, fileName }
    },
    async open(token) {
      const label = await findLabel(token)
      if (!label) return undefined
      const { contentType, fileName, size } = label
      if (!streams || size <= PIECES_FROM) {
        const body = await readWhole(token, size)
        return body && { size, contentType, fileName, body }
      }
      if ((await streams.measure(fileOf(token))) !== size) return undefined
      const pieces = Readable.from(hideErrors(readPieces(streams, fileOf(token), size)), {
        objectMode: true,
        highWaterMark: 1,
      })
      return { size, contentType, fileName, body: Readable.toWeb(pieces) }
    },
    measure: async token => (await findLabel(token))?.size,
    delete: remove,
    async sweep() {
      const known = stored?.listSettled().filter(token => stored.has(token, 0)) ?? []
      const found = new Set((await storage.getKeys('labels')).map(key => key.slice('labels:'.length)))
      for (const token of found) await check(token)
      // Another process or a person has removed these.
      for (const token of known) if (!found.has(token)) stored?.forget(token)
    },
  }
}

/**
 * Hono prints the error of a body with its stack and all fields, such as the commands of Redis, and sends its message to the
 * client: both get one line.
 */
async function* hideErrors(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException
    const failure = new Error(`A file could not be read to its end (${code ?? name}).`)
    failure.stack = String(failure)
    throw failure
  }
}
