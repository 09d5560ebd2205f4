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
  /** Of the file, in bytes. */
  size: number
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** Files that are handed out by unguessable names: uploads and results. */
export interface FileStore {
  /**
   * Keeps a file until it expires.
   *
   * @param token its name; a new one unless given.
   * @returns its token, 43 letters of 256 random bits.
   */
  put(file: KeptFile, lifeSeconds: number, token?: string): Promise<string>
  /** @returns undefined where there is none, or it has expired */
  get(token: string): Promise<KeptFile | undefined>
  /** Removes a file before its time. */
  delete(token: string): Promise<void>
  /** Removes what has expired, and counts the rest. */
  sweep(): Promise<void>
  /** Bytes of all files, as of the last sweep and what was kept here since. */
  countBytes(): number
}

/** What {@link createToken} makes, and nothing that could mean a place in a store. */
export const tokenPattern = /^[\w-]{43}$/

/** A name that nobody guesses. */
export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

export function createFileStore(storage: Storage): FileStore {
  const labelOf = (token: string) => `labels:${token}`
  const fileOf = (token: string) => `files:${token}`

  let total = 0

  async function remove(token: string): Promise<void> {
    await storage.removeItem(fileOf(token))
    await storage.removeItem(labelOf(token))
  }

  return {
    async put({ bytes, contentType, fileName }, lifeSeconds, token = createToken()) {
      const size = bytes.byteLength
      const label: Label = { contentType, fileName, size, expiresAt: Date.now() + lifeSeconds * 1000 }
      // First, so that a sweep finds all that there is; a file that is not as long as its label says is none.
      await storage.setItem(labelOf(token), { ...label }, { ttl: lifeSeconds })
      await storage.setItemRaw(fileOf(token), bytes, { ttl: lifeSeconds })
      total += size
      return token
    },
    async get(token) {
      if (!tokenPattern.test(token)) return undefined
      const label = await storage.getItem<Label>(labelOf(token))
      // A truncated label, which a storage of the user's may hold, is a text without these fields.
      if (!label || !(label.expiresAt >= Date.now())) return undefined
      const { contentType, fileName, size } = label
      // An empty file reads as nothing in some stores.
      const bytes = size === 0 ? new Uint8Array() : await storage.getItemRaw<Uint8Array>(fileOf(token))
      return bytes?.byteLength === size ? { bytes, contentType, fileName } : undefined
    },
    delete: remove,
    async sweep() {
      let found = 0
      for (const key of await storage.getKeys('labels')) {
        const label = await storage.getItem<Label>(key)
        if (label && label.expiresAt >= Date.now()) found += label.size
        else await remove(key.slice('labels:'.length))
      }
      total = found
    },
    countBytes: () => total,
  }
}
