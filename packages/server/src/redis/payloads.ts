import type { FileStore } from '../files/file-store.ts'

/** JSON of any size as it lies in Redis: itself where it is small, else the token of a file. */
export type Payload = { json: string } | { token: string }

/** Keeps what is large, such as a data URI, out of Redis' queue. */
export interface PayloadStore {
  /** @param lifeSeconds of the file. Default: a week, longer than anything should wait. */
  put(value: unknown, lifeSeconds?: number): Promise<Payload>
  /** @returns undefined where its file is gone */
  get(payload: Payload): Promise<unknown>
  /** Removes its file. */
  delete(payload: Payload): Promise<void>
}

const maxLetters = 8192
const weekSeconds = 7 * 24 * 3600

export function createPayloadStore(fileStore: FileStore): PayloadStore {
  return {
    async put(value, lifeSeconds = weekSeconds) {
      const json = JSON.stringify(value ?? null)
      if (json.length <= maxLetters) return { json }
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
