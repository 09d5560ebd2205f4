import { createHash } from 'node:crypto'
import { toDisplayName } from '@nobg/core/internal'
import type { Storage } from 'unstorage'
import { createPartSizes } from './part-sizes.ts'
import { createToken, TOKEN_PATTERN, type TokenFileStore } from './token-file-store.ts'

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
  /** Stores the whole file. @returns false for an unknown token @throws {NoRoomError} */
  put(uploadToken: string, bytes: Uint8Array): Promise<boolean>
  /**
   * Stores one part, numbered from 1. A part that is sent again replaces itself.
   *
   * @returns its ETag; undefined for an unknown token
   * @throws {NoRoomError} also if all parts together are larger than a file may be
   */
  putPart(uploadToken: string, part: number, bytes: Uint8Array): Promise<string | undefined>
  /** Joins the parts. @returns false for an unknown token, or if parts are missing @throws {NoRoomError} */
  complete(uploadToken: string, parts: readonly number[]): Promise<boolean>
  /** Removes expired uploads that were not completed. */
  sweep(): Promise<void>
}

interface UploadLimits {
  maxUploadBytes: number
  /** Bytes of all files. */
  maxStoredBytes: number
}

const UPLOAD_LIFE_SECONDS = 24 * 3600

export function createUploads(storage: Storage, fileStore: TokenFileStore, limits: UploadLimits): Uploads {
  const announcementOf = (token: string) => `uploads:${token}`
  const partOf = (token: string, part: number) => `parts:${token}:${part}`
  const parts = createPartSizes()

  async function find(token: string): Promise<Announcement | undefined> {
    const found = TOKEN_PATTERN.test(token)
      ? await storage.getItem<Announcement>(announcementOf(token))
      : null
    return found && found.expiresAt > Date.now() ? found : undefined
  }

  function checkRoom(fileBytes: number, newBytes: number): void {
    if (fileBytes > limits.maxUploadBytes) throw new NoRoomError('file')
    if (fileStore.countBytes() + parts.total() + newBytes > limits.maxStoredBytes)
      throw new NoRoomError('store')
  }

  async function removeParts(token: string): Promise<void> {
    for (const key of await storage.getKeys(`parts:${token}`)) await storage.removeItem(key)
    parts.forget(token)
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
    async put(uploadToken, bytes) {
      const announcement = await find(uploadToken)
      if (!announcement) return false
      checkRoom(bytes.byteLength, bytes.byteLength)
      const { fileToken, lifeSeconds, ...label } = announcement
      await fileStore.put({ bytes, ...label }, lifeSeconds, fileToken)
      return true
    },
    async putPart(uploadToken, part, bytes) {
      if (!(await find(uploadToken))) return undefined
      const size = bytes.byteLength
      checkRoom(parts.sumWith(uploadToken, part, size), size)
      parts.note(uploadToken, part, size)
      await storage.setItemRaw(partOf(uploadToken, part), bytes, { ttl: UPLOAD_LIFE_SECONDS })
      return `"${createHash('md5').update(bytes).digest('hex')}"`
    },
    async complete(uploadToken, wanted) {
      const announcement = await find(uploadToken)
      if (!announcement || wanted.length === 0) return false
      const chunks: Uint8Array[] = []
      let size = 0
      // Each part once, even if the list repeats it.
      for (const part of [...new Set(wanted)].sort((one, other) => one - other)) {
        const chunk = await storage.getItemRaw<Uint8Array>(partOf(uploadToken, part))
        // A client that received no answer completes again, after the parts were removed.
        if (!chunk) return (await fileStore.get(announcement.fileToken)) !== undefined
        size += chunk.byteLength
        checkRoom(size, 0)
        chunks.push(chunk)
      }
      const { fileToken, lifeSeconds, ...label } = announcement
      await fileStore.put({ bytes: Buffer.concat(chunks), ...label }, lifeSeconds, fileToken)
      await removeParts(uploadToken)
      return true
    },
    async sweep() {
      const tokens = await storage.getKeys('uploads')
      for (const token of tokens.map(key => key.slice('uploads:'.length))) {
        if (await find(token)) continue
        await removeParts(token)
        await storage.removeItem(announcementOf(token))
      }
    },
  }
}

/** @returns a media type without parameters; `application/octet-stream` for anything else */
function readContentType(type: unknown): string {
  return typeof type === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream'
}
