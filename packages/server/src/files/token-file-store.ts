import { randomBytes } from 'node:crypto'
import type { Storage } from 'unstorage'

interface StoredFile {
  /** uint8, [byteLength] */
  bytes: Uint8Array
  contentType: string
  /** Readable name; never part of a path on disk. */
  fileName: string
}

interface Label {
  contentType: string
  fileName: string
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
   * @param token default: a new token.
   * @returns the token: 43 characters, 256 random bits
   */
  put(file: StoredFile, lifeSeconds: number, token?: string): Promise<string>
  /** @returns undefined if there is no such file or it has expired */
  get(token: string): Promise<StoredFile | undefined>
  /** Removes a file before it expires. */
  delete(token: string): Promise<void>
  /** Removes expired files and counts the bytes of the others. */
  sweep(): Promise<void>
  /** Bytes of all files at the last sweep, plus those stored by this process since. */
  countBytes(): number
}

/** The form of {@link createToken}'s results. A token is a key of the storage, so nothing else is accepted. */
export const TOKEN_PATTERN = /^[\w-]{43}$/

/** @returns 43 characters of base64url, 256 random bits */
export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

export function createTokenFileStore(storage: Storage): TokenFileStore {
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
      // The label first, so that a sweep finds every file. A file with another length than its label says is not read.
      await storage.setItem(labelOf(token), { ...label }, { ttl: lifeSeconds })
      await storage.setItemRaw(fileOf(token), bytes, { ttl: lifeSeconds })
      total += size
      return token
    },
    async get(token) {
      if (!TOKEN_PATTERN.test(token)) return undefined
      const label = await storage.getItem<Label>(labelOf(token))
      // A truncated label, which a storage of the user's may hold, is a text without these fields.
      if (!label || !(label.expiresAt >= Date.now())) return undefined
      const { contentType, fileName, size } = label
      // Some storages return nothing for an empty file.
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
