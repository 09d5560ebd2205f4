import '@nobg/core/check-node'
import { type Config, createRemover, NobgError, type OptionsInput } from '@nobg/core'
import type { IPXStorage } from 'ipx'

/** Options of {@link nobgStorage}: core's config, and named options of cutouts. */
export interface StorageOptions extends Config {
  /** Options of `ada.nobg.jpg`. Default: the default model. */
  defaults?: OptionsInput
  /** Options by name: with `{ hero: { model: 'portrait' } }`, `ada.nobg-hero.jpg` uses the portrait model. */
  presets?: Record<string, OptionsInput>
}

/** A storage whose workers can be ended. */
export interface NobgStorage extends IPXStorage, AsyncDisposable {
  /** Ends the workers. */
  close(): Promise<void>
}

type Request = Parameters<IPXStorage['getMeta']>[1]

/** `ada.nobg.jpg`, `people/ada.nobg-hero.jpg` */
const MARKED = /^(.+)\.nobg(?:-([\w-]+))?(\.\w+)$/

/** Error codes of a picture that exists and cannot be cut out. IPX answers them as a wrong request. */
const WRONG_PICTURE: readonly string[] = [
  'UNSUPPORTED_FORMAT',
  'CORRUPT_IMAGE',
  'TOO_MANY_PIXELS',
  'SOURCE_TOO_LARGE',
  'NO_SUBJECT',
  'DOUBTFUL_MATTE',
]

/**
 * Returns a storage for IPX in which `ada.nobg.jpg` is `ada.jpg` of another storage without its background, as PNG. All other
 * ids are read from the other storage. A picture of that exact name has priority. Cutouts are cached on disk.
 *
 * Image work runs in child processes, because IPX may bring another version of sharp than nobg's.
 *
 * ```ts
 * createIPX({ storage: nobgStorage(ipxFSStorage({ dir: 'public' })) })
 * ```
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function nobgStorage(storage: IPXStorage, options: StorageOptions = {}): NobgStorage {
  const { defaults = {}, presets = {}, ...config } = options
  const remover = createRemover({ isolate: true, ...config })

  async function exists(id: string, request: Request): Promise<boolean> {
    try {
      return (await storage.getMeta(id, request)) !== undefined
    } catch {
      // ipxFSStorage throws if there is no file.
      return false
    }
  }

  /** The photograph and the options of an id; undefined if the id names no cutout. */
  async function find(id: string, request: Request) {
    const [, stem, preset, extension] = MARKED.exec(id) ?? []
    if (stem === undefined) return undefined
    const isKnown = preset === undefined || Object.hasOwn(presets, preset)
    if (!isKnown || (await exists(id, request))) return undefined
    return { photograph: stem + extension, input: preset === undefined ? defaults : presets[preset] }
  }

  return {
    name: `nobg:${storage.name}`,
    async getMeta(id, request) {
      const found = await find(id, request)
      return storage.getMeta(found?.photograph ?? id, request)
    },
    async getData(id, request) {
      const found = await find(id, request)
      const data = await storage.getData(found?.photograph ?? id, request)
      if (!found || !data) return data
      try {
        const picture = new Uint8Array(data)
        // IPX encodes the picture again.
        const cutout = await remover.removeBackground(picture, { ...found.input, outputFormat: 'png' })
        return toArrayBuffer(cutout.data)
      } catch (error) {
        throw addStatus(error, id)
      }
    },
    close: () => remover.close(),
    [Symbol.asyncDispose]: () => remover.close(),
  }
}

function toArrayBuffer({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer {
  return (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength)
}

/** Adds the status that IPX's handlers send: 422 if the picture is the reason. Without it, they send 500. */
function addStatus(error: unknown, id: string): unknown {
  if (!(error instanceof NobgError)) return error
  error.source = id
  const isWrong = WRONG_PICTURE.includes(error.code)
  return Object.assign(error, isWrong && { statusCode: 422, statusText: `IPX_${error.code}` })
}
