import { createHash } from 'node:crypto'
import { toDisplayName } from '@nobg/core/internal'
import type { Storage } from 'unstorage'
import {
  type Content,
  hashContent,
  readPieces,
  type StreamedStorage,
  sizeOf,
  writeContent,
} from '../storage/content.ts'
import { createStoredBytes, type StoredBytes } from './stored-bytes.ts'
import { createToken, TOKEN_PATTERN, type TokenFileStore } from './token-file-store.ts'
import { createTurns } from './turns.ts'

/** An upload that was begun. */
interface Announcement {
  fileToken: string
  contentType: string
  fileName: string
  lifeSeconds: number
  /** End of the upload, in milliseconds since 1970. */
  expiresAt: number
}

/** There is no space for a file: it is too large, or the storage is full. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError'
  readonly reason: 'file' | 'store'

  constructor(reason: NoRoomError['reason']) {
    super(reason === 'file' ? 'The file is too large.' : 'The server has no space for more files.')
    this.reason = reason
  }
}

/** Uploads. The token of the upload allows writing, the token of the file only reading. */
export interface Uploads {
  begin(
    wanted: { content_type?: unknown; file_name?: unknown },
    lifeSeconds: number,
  ): Promise<{ uploadToken: string; fileToken: string; fileName: string }>
  /** Whether there is an upload of this token. To be asked before a body is read. */
  has(uploadToken: string): Promise<boolean>
  /** Stores the whole file. @returns false for an unknown token @throws {NoRoomError} */
  put(uploadToken: string, content: Content): Promise<boolean>
  /**
   * Stores one part, numbered from 1. A part that is sent again replaces itself.
   *
   * @returns its ETag; undefined for an unknown token
   * @throws {NoRoomError} also if all parts together are larger than a file may be
   */
  putPart(uploadToken: string, part: number, content: Content): Promise<string | undefined>
  /** Joins the parts. @returns false for an unknown token, or if parts are missing @throws {NoRoomError} */
  complete(uploadToken: string, parts: readonly number[]): Promise<boolean>
  /** Removes expired uploads that were not completed. */
  sweep(): Promise<void>
}

interface UploadLimits {
  maxUploadBytes: number
  /** Bytes of all files and parts. */
  maxStoredBytes: number
}

const UPLOAD_LIFE_SECONDS = 24 * 3600

/** @param stored counts the bytes of parts and, if `fileStore` has the same count, of files. */
export function createUploads(
  files: StreamedStorage,
  fileStore: TokenFileStore,
  limits: UploadLimits,
  stored: StoredBytes = createStoredBytes(),
): Uploads {
  const { storage, streams } = files
  const announcementOf = (token: string) => `uploads:${token}`
  const partOf = (token: string, part: number) => `parts:${token}.${part}`
  const inTurn = createTurns()

  async function find(token: string): Promise<Announcement | undefined> {
    const found = TOKEN_PATTERN.test(token)
      ? await storage.getItem<Announcement>(announcementOf(token))
      : null
    return found && found.expiresAt > Date.now() ? found : undefined
  }

  /** Must be followed by the write without a pause: another upload would take the same space. */
  function checkRoom(fileBytes: number, newBytes: number): void {
    if (fileBytes > limits.maxUploadBytes) throw new NoRoomError('file')
    if (stored.total() + newBytes > limits.maxStoredBytes) throw new NoRoomError('store')
  }

  async function removePart(token: string, part: number): Promise<void> {
    await storage.removeItem(partOf(token, part))
    stored.forget(token, part)
  }

  async function writePart(token: string, part: number, content: Content): Promise<void> {
    try {
      await writeContent(files, partOf(token, part), content, UPLOAD_LIFE_SECONDS)
    } catch (error) {
      await removePart(token, part).catch(() => {})
      throw error
    }
  }

  /** @returns undefined if one is missing @throws {NoRoomError} if all together are larger than a file may be */
  async function joinParts(token: string, parts: readonly number[]): Promise<Content | undefined> {
    const joined: { key: string; size: number; bytes?: Uint8Array }[] = []
    let sum = 0
    for (const part of parts) {
      const key = partOf(token, part)
      const bytes = streams ? undefined : ((await storage.getItemRaw<Uint8Array>(key)) ?? undefined)
      const size = streams ? await streams.measure(key) : bytes?.byteLength
      if (size === undefined) return undefined
      sum += size
      checkRoom(sum, 0)
      joined.push({ key, size, bytes })
    }
    async function* readAll(): AsyncGenerator<Uint8Array> {
      for (const { key, size, bytes } of joined)
        if (bytes) yield bytes
        else if (streams) yield* readPieces(streams, key, size)
    }
    return { size: sum, pieces: readAll() }
  }

  return {
    async begin({ content_type, file_name }, lifeSeconds) {
      const uploadToken = createToken()
      const fileToken = createToken()
      const fileName = toDisplayName(file_name, 'file')
      const contentType = readContentType(content_type)
      const expiresAt = Date.now() + UPLOAD_LIFE_SECONDS * 1000
      const announcement: Announcement = { fileToken, contentType, fileName, lifeSeconds, expiresAt }
      await storage.setItem(announcementOf(uploadToken), { ...announcement }, { ttl: UPLOAD_LIFE_SECONDS })
      return { uploadToken, fileToken, fileName }
    },
    has: async uploadToken => (await find(uploadToken)) !== undefined,
    put: (uploadToken, bytes) =>
      inTurn(uploadToken, async () => {
        const announcement = await find(uploadToken)
        if (!announcement) return false
        const { fileToken, lifeSeconds, ...label } = announcement
        const size = sizeOf(bytes)
        checkRoom(size, stored.growth(fileToken, 0, size))
        await fileStore.put({ bytes, ...label }, lifeSeconds, fileToken)
        return true
      }),
    putPart: (uploadToken, part, content) =>
      inTurn(uploadToken, async () => {
        if (!(await find(uploadToken))) return undefined
        const size = sizeOf(content)
        checkRoom(stored.sumWith(uploadToken, part, size), stored.growth(uploadToken, part, size))
        const md5 = createHash('md5')
        const hashed = hashContent(content, md5)
        await stored.hold(uploadToken, part, size, () => writePart(uploadToken, part, hashed))
        return `"${md5.digest('hex')}"`
      }),
    complete: (uploadToken, wanted) =>
      inTurn(uploadToken, async () => {
        const announcement = await find(uploadToken)
        if (!announcement || wanted.length === 0) return false
        // Each part once, even if the list repeats it.
        const parts = [...new Set(wanted)].sort((one, other) => one - other)
        const bytes = await joinParts(uploadToken, parts)
        // A client that received no answer completes again, after the parts were removed.
        if (!bytes) return (await fileStore.measure(announcement.fileToken)) !== undefined
        const { fileToken, lifeSeconds, ...label } = announcement
        await fileStore.put({ bytes, ...label }, lifeSeconds, fileToken)
        for (const part of new Set([...parts, ...stored.partsOf(uploadToken)]))
          await removePart(uploadToken, part)
        return true
      }),
    async sweep() {
      const tokens = (await storage.getKeys('uploads')).map(key => key.slice('uploads:'.length))
      const open = new Set<string>()
      for (const token of tokens) {
        if (await find(token)) open.add(token)
        else await storage.removeItem(announcementOf(token))
      }
      // One list for all uploads: some storages list everything each time.
      for (const key of await storage.getKeys('parts')) {
        const [token, part] = key.slice('parts:'.length).split('.')
        if (!open.has(token) && !(await find(token))) await removePart(token, Number(part))
        else if (!stored.has(token, Number(part)))
          stored.note(token, Number(part), await measure(storage, key))
      }
    },
  }
}

/** @returns bytes of a stored value */
async function measure(storage: Storage, key: string): Promise<number> {
  const { size } = await storage.getMeta(key, { nativeOnly: true })
  return Number(size ?? (await storage.getItemRaw<Uint8Array>(key))?.byteLength ?? 0)
}

/** @returns a media type without parameters; `application/octet-stream` for anything else */
function readContentType(type: unknown): string {
  return typeof type === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream'
}
