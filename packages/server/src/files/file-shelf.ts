import { randomBytes } from 'node:crypto'
import type { Storage } from 'unstorage'

/** A file as it is kept. */
interface KeptFile {
  /** uint8, [byteLength] */
  bytes: Uint8Array
  contentType: string
  /** For people; never part of a path on disk. */
  fileName: string
}

interface Label {
  contentType: string
  fileName: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** Files that are handed out by unguessable names: uploads and results. */
export interface FileShelf {
  /**
   * Keeps a file until it expires.
   *
   * @param token its name; a new one unless given.
   * @returns its token, 43 letters of 256 random bits.
   */
  keep(file: KeptFile, lifeSeconds: number, token?: string): Promise<string>
  /** @returns undefined where there is none, or it has expired */
  take(token: string): Promise<KeptFile | undefined>
  /** Removes a file before its time. */
  drop(token: string): Promise<void>
  /** Removes what has expired. */
  sweep(): Promise<void>
}

const tokenPattern = /^[\w-]{43}$/

/** A name that nobody guesses. */
export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

export function createFileShelf(storage: Storage): FileShelf {
  const labelOf = (token: string) => `labels:${token}`
  const fileOf = (token: string) => `files:${token}`

  async function remove(token: string): Promise<void> {
    await storage.removeItem(labelOf(token))
    await storage.removeItem(fileOf(token))
  }

  return {
    async keep({ bytes, contentType, fileName }, lifeSeconds, token = createToken()) {
      const label: Label = { contentType, fileName, expiresAt: Date.now() + lifeSeconds * 1000 }
      await storage.setItemRaw(fileOf(token), bytes, { ttl: lifeSeconds })
      // Last: without a label there is no file, should the process die in between.
      await storage.setItem(labelOf(token), { ...label }, { ttl: lifeSeconds })
      return token
    },
    async take(token) {
      if (!tokenPattern.test(token)) return undefined
      const label = await storage.getItem<Label>(labelOf(token))
      if (!label || label.expiresAt < Date.now()) return undefined
      const bytes = await storage.getItemRaw<Uint8Array>(fileOf(token))
      return bytes ? { bytes, contentType: label.contentType, fileName: label.fileName } : undefined
    },
    drop: remove,
    async sweep() {
      for (const key of await storage.getKeys('labels')) {
        const label = await storage.getItem<Label>(key)
        if (!label || label.expiresAt < Date.now()) await remove(key.slice('labels:'.length))
      }
    },
  }
}
