import type { TokenFileStore } from '../files/token-file-store.ts'

/** A value in Redis: its JSON if it is small, else the token of a file. */
export type Payload = { json: string } | { token: string }

/** Stores large values, such as data URIs, as files, to keep them out of Redis's queue. */
export interface PayloadStore {
  /** @param lifeSeconds life of the file. Default: a week, longer than a request should wait. */
  put(value: unknown, lifeSeconds?: number): Promise<Payload>
  /** @returns undefined if its file has expired */
  get(payload: Payload): Promise<unknown>
  /** Removes its file, if it has one. */
  delete(payload: Payload): Promise<void>
}

const MAX_CHARACTERS = 8192
const WEEK_SECONDS = 7 * 24 * 3600

export function createPayloadStore(fileStore: TokenFileStore): PayloadStore {
  return {
    async put(value, lifeSeconds = WEEK_SECONDS) {
      const json = JSON.stringify(value ?? null)
      if (json.length <= MAX_CHARACTERS) return { json }
      const file = { bytes: Buffer.from(json), contentType: 'application/json', fileName: 'payload.json' }
      return { token: await fileStore.put(file, lifeSeconds) }
    },
    async get(payload) {
      if ('json' in payload) return JSON.parse(payload.json)
      const file = await fileStore.get(payload.token)
      return file && JSON.parse(Buffer.from(file.bytes).toString())
    },
    async delete(payload) {
      if ('token' in payload) await fileStore.delete(payload.token)
    },
  }
}
