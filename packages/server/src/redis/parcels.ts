import type { FileShelf } from '../files/file-shelf.ts'

/** JSON of any size as it lies in Redis: itself where it is small, else the token of a file. */
export type Parcel = { json: string } | { token: string }

/** Keeps what is large, such as a data URI, out of Redis' queue. */
export interface Parcels {
  /** @param lifeSeconds of the file. Default: a week, longer than anything should wait. */
  pack(value: unknown, lifeSeconds?: number): Promise<Parcel>
  /** @returns undefined where its file is gone */
  open(parcel: Parcel): Promise<unknown>
  /** Removes its file. */
  drop(parcel: Parcel): Promise<void>
}

const maxLetters = 8192
const weekSeconds = 7 * 24 * 3600

export function createParcels(shelf: FileShelf): Parcels {
  return {
    async pack(value, lifeSeconds = weekSeconds) {
      const json = JSON.stringify(value ?? null)
      if (json.length <= maxLetters) return { json }
      const file = { bytes: Buffer.from(json), contentType: 'application/json', fileName: 'parcel.json' }
      return { token: await shelf.keep(file, lifeSeconds) }
    },
    async open(parcel) {
      if ('json' in parcel) return JSON.parse(parcel.json)
      const file = await shelf.take(parcel.token)
      return file && JSON.parse(Buffer.from(file.bytes).toString())
    },
    async drop(parcel) {
      if ('token' in parcel) await shelf.drop(parcel.token)
    },
  }
}
