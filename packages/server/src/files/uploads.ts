import { createHash } from 'node:crypto'
import type { Storage } from 'unstorage'
import { toDisplayName } from './display-name.ts'
import { createToken, type FileStore, tokenPattern } from './file-store.ts'
import { createPartSizes } from './part-sizes.ts'

/** An upload that has been announced. */
interface Announcement {
  fileToken: string
  contentType: string
  fileName: string
  lifeSeconds: number
  /** Of the upload, in milliseconds since 1970. */
  expiresAt: number
}

/** There is no room for a file: none of this size, or none at all any more. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError'
  readonly reason: 'file' | 'store'

  constructor(reason: NoRoomError['reason']) {
    super(reason === 'file' ? 'The file is too large.' : 'The server has no room for more files.')
    this.reason = reason
  }
}

/** Files on their way in. Who knows an upload's token may write; who knows the file's may only read. */
export interface Uploads {
  begin(
    wanted: { content_type?: unknown; file_name?: unknown },
    lifeSeconds: number,
  ): Promise<{ uploadToken: string; fileToken: string; fileName: string }>
  /** Takes the whole file. @returns false for an unknown token @throws {NoRoomError} */
  put(uploadToken: string, bytes: Uint8Array): Promise<boolean>
  /**
   * Takes one part, numbered from 1; a part that comes again replaces itself.
   *
   * @returns its ETag; undefined for an unknown token
   * @throws {NoRoomError} where all parts together are larger than a file may be
   */
  putPart(uploadToken: string, part: number, bytes: Uint8Array): Promise<string | undefined>
  /** Joins the parts. @returns false for an unknown token, or where parts are missing @throws {NoRoomError} */
  complete(uploadToken: string, parts: readonly number[]): Promise<boolean>
  /** Removes uploads that nobody completed. */
  sweep(): Promise<void>
}

interface UploadLimits {
  maxUploadBytes: number
  /** Of all files. */
  maxStoredBytes: number
}

const uploadLifeSeconds = 24 * 3600

export function createUploads(storage: Storage, fileStore: FileStore, limits: UploadLimits): Uploads {
  const announcementOf = (token: string) => `uploads:${token}`
  const partOf = (token: string, part: number) => `parts:${token}:${part}`
  const parts = createPartSizes()

  async function find(token: string): Promise<Announcement | undefined> {
    const found = tokenPattern.test(token) ? await storage.getItem<Announcement>(announcementOf(token)) : null
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
      const expiresAt = Date.now() + uploadLifeSeconds * 1000
      const announcement: Announcement = { fileToken, contentType, fileName, lifeSeconds, expiresAt }
      await storage.setItem(announcementOf(uploadToken), { ...announcement }, { ttl: uploadLifeSeconds })
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
      await storage.setItemRaw(partOf(uploadToken, part), bytes, { ttl: uploadLifeSeconds })
      return `"${createHash('md5').update(bytes).digest('hex')}"`
    },
    async complete(uploadToken, wanted) {
      const announcement = await find(uploadToken)
      if (!announcement || wanted.length === 0) return false
      const chunks: Uint8Array[] = []
      let size = 0
      // Each part once, however often it is named.
      for (const part of [...new Set(wanted)].sort((one, other) => one - other)) {
        const chunk = await storage.getItemRaw<Uint8Array>(partOf(uploadToken, part))
        // A client that heard no answer asks again.
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

/** A media type, or the one that says nothing. A page of HTML would run in the name of this server. */
function readContentType(type: unknown): string {
  return typeof type === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream'
}
