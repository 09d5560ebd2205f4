import type { Hash } from 'node:crypto'
import type { Storage } from 'unstorage'

/** Content of a file: bytes, or pieces that follow one after the other. */
export type Content = Uint8Array | Pieces

export interface Pieces {
  /** Bytes of all pieces. */
  size: number
  pieces: AsyncIterable<Uint8Array>
}

/** Reads and writes files in pieces, so that no file is in memory as a whole. Keys are those of the storage. */
export interface Streams {
  /** Writes a file whole or not at all. @throws if there are not `size` bytes */
  write(key: string, content: Pieces, ttlSeconds: number): Promise<void>
  /** @returns uint8, [end - start], fewer at the end of the file; `end` is not included */
  readRange(key: string, start: number, end: number): Promise<Uint8Array>
  /** @returns bytes of the file; undefined if there is none */
  measure(key: string): Promise<number | undefined>
}

/** A storage, and its streams if it has any. */
export interface StreamedStorage {
  storage: Storage
  streams?: Streams
}

const PIECE_BYTES = 2 ** 20

export function sizeOf(content: Content): number {
  return content instanceof Uint8Array ? content.byteLength : content.size
}

/** Writes a file; as a whole if the storage has no streams. */
export async function writeContent(
  { storage, streams }: StreamedStorage,
  key: string,
  content: Content,
  ttlSeconds: number,
): Promise<void> {
  if (!(content instanceof Uint8Array) && streams) return streams.write(key, content, ttlSeconds)
  const bytes = content instanceof Uint8Array ? content : await collect(content)
  await storage.setItemRaw(key, bytes, { ttl: ttlSeconds })
}

/** Reads a file of `size` bytes in pieces. The pieces throw if the file is shorter. */
export async function* readPieces(streams: Streams, key: string, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < size; ) {
    const piece = await streams.readRange(key, start, Math.min(size, start + PIECE_BYTES))
    if (piece.byteLength === 0) throw new Error(`Expected a file of ${size} bytes, got ${start}.`)
    start += piece.byteLength
    yield piece
  }
}

/** @throws {Error} if there are not `size` bytes, as after a lost connection */
export async function* countPieces({ size, pieces }: Pieces): AsyncGenerator<Uint8Array> {
  let count = 0
  for await (const piece of pieces) {
    count += piece.byteLength
    if (count > size) break
    yield piece
  }
  if (count !== size) throw new Error(`Expected ${size} bytes, got ${count > size ? 'more' : count}.`)
}

async function collect(content: Pieces): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(content.size)
  let at = 0
  for await (const piece of countPieces(content)) {
    bytes.set(piece, at)
    at += piece.byteLength
  }
  return bytes
}

/** Adds all bytes of a content to a hash while it is read. */
export function hashContent(content: Content, hash: Hash): Content {
  if (content instanceof Uint8Array) {
    hash.update(content)
    return content
  }
  async function* hashPieces({ pieces }: Pieces): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      hash.update(piece)
      yield piece
    }
  }
  return { ...content, pieces: hashPieces(content) }
}
