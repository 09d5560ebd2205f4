import { createHash } from 'node:crypto'
import type { Storage } from 'unstorage'
import { createToken, type FileShelf } from './file-shelf.ts'
import { safeFileName } from './safe-name.ts'

/** An upload that has been announced. */
interface Announcement {
  fileToken: string
  contentType: string
  fileName: string
  lifeSeconds: number
}

/** Files on their way in. Who knows an upload's token may write; who knows the file's may only read. */
export interface Uploads {
  begin(
    wanted: { content_type?: unknown; file_name?: unknown },
    lifeSeconds: number,
  ): Promise<{ uploadToken: string; fileToken: string; fileName: string }>
  /** Takes the whole file. @returns false for an unknown token */
  put(uploadToken: string, bytes: Uint8Array): Promise<boolean>
  /** Takes one part, numbered from 1; a part that comes again replaces itself. @returns its ETag; undefined for an unknown token */
  putPart(uploadToken: string, part: number, bytes: Uint8Array): Promise<string | undefined>
  /** Joins the parts. @returns false for an unknown token, or where parts are missing */
  complete(uploadToken: string, parts: readonly number[]): Promise<boolean>
}

const uploadLifeSeconds = 24 * 3600

export function createUploads(storage: Storage, shelf: FileShelf): Uploads {
  const announcementOf = (token: string) => `uploads:${token}`
  const partOf = (token: string, part: number) => `parts:${token}:${part}`
  const find = async (token: string) =>
    /^[\w-]{43}$/.test(token) ? storage.getItem<Announcement>(announcementOf(token)) : null

  return {
    async begin({ content_type, file_name }, lifeSeconds) {
      const uploadToken = createToken()
      const fileToken = createToken()
      const fileName = safeFileName(file_name, 'file')
      const contentType = readContentType(content_type)
      const announcement: Announcement = { fileToken, contentType, fileName, lifeSeconds }
      await storage.setItem(announcementOf(uploadToken), { ...announcement }, { ttl: uploadLifeSeconds })
      return { uploadToken, fileToken, fileName }
    },
    async put(uploadToken, bytes) {
      const announcement = await find(uploadToken)
      if (!announcement) return false
      const { fileToken, lifeSeconds, ...label } = announcement
      await shelf.keep({ bytes, ...label }, lifeSeconds, fileToken)
      return true
    },
    async putPart(uploadToken, part, bytes) {
      if (!(await find(uploadToken))) return undefined
      await storage.setItemRaw(partOf(uploadToken, part), bytes, { ttl: uploadLifeSeconds })
      return `"${createHash('md5').update(bytes).digest('hex')}"`
    },
    async complete(uploadToken, parts) {
      const announcement = await find(uploadToken)
      if (!announcement || parts.length === 0) return false
      const numbers = parts.toSorted((one, other) => one - other)
      const chunks = await Promise.all(
        numbers.map(part => storage.getItemRaw<Uint8Array>(partOf(uploadToken, part))),
      )
      // A client that heard no answer asks again.
      if (chunks.some(chunk => !chunk)) return (await shelf.take(announcement.fileToken)) !== undefined
      const { fileToken, lifeSeconds, ...label } = announcement
      await shelf.keep({ bytes: Buffer.concat(chunks as Uint8Array[]), ...label }, lifeSeconds, fileToken)
      await Promise.all(numbers.map(part => storage.removeItem(partOf(uploadToken, part))))
      return true
    },
  }
}

/** A media type, or the one that says nothing. A page of HTML would run in the name of this server. */
function readContentType(type: unknown): string {
  return typeof type === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream'
}
