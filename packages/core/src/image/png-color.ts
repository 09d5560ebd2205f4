import { findColorSpace } from './cicp.ts'
import { type Chromaticity, type ColorSpace, decodeSrgb, SRGB_PRIMARIES } from './color-space.ts'

const SIGNATURE_BYTES = 8
// Length, type and checksum of a chunk.
const CHUNK_BYTES = 12

/** A gamma within 5 % of 1/2.2 means sRGB's curve, as in libpng: many programs write it for sRGB images. */
const SRGB_GAMMA = 1 / 2.2
const GAMMA_TOLERANCE = 0.05

/** Tolerance in x and y for sRGB's primaries: some programs round cHRM. */
const PRIMARIES_TOLERANCE = 0.002

/**
 * Reads the color space of a PNG from its chunks: cICP before iCCP before sRGB before gAMA and cHRM.
 *
 * @returns `space`: undefined for sRGB, if an ICC profile applies, and for other formats; `isOverProfile`: whether to
 *   ignore the ICC profile
 * @throws {NobgError} UNSUPPORTED_FORMAT for HDR
 * @see https://www.w3.org/TR/png-3/#color-chunk-precendence
 */
export function readPngColor(bytes: Uint8Array): { space?: ColorSpace; isOverProfile: boolean } {
  const chunks = readChunks(bytes)
  const cicp = chunks.get('cICP')
  if (cicp && cicp.length >= 4) {
    return { space: findColorSpace({ primaries: cicp[0], transfer: cicp[1] }), isOverProfile: true }
  }
  if (chunks.has('iCCP') || chunks.has('sRGB')) return { isOverProfile: false }
  return { space: readGamma(chunks.get('gAMA'), chunks.get('cHRM')), isOverProfile: false }
}

function readGamma(gamma: Buffer | undefined, chromaticities: Buffer | undefined): ColorSpace | undefined {
  const value = gamma && gamma.length >= 4 ? gamma.readUInt32BE(0) / 100_000 : 0
  const isOwnGamma = value > 0 && Math.abs(value / SRGB_GAMMA - 1) > GAMMA_TOLERANCE
  const primaries = chromaticities && chromaticities.length >= 32 ? readPrimaries(chromaticities) : undefined
  if (!isOwnGamma && !primaries) return undefined
  return {
    primaries: primaries ?? SRGB_PRIMARIES,
    toLight: isOwnGamma ? sample => sample ** (1 / value) : decodeSrgb,
  }
}

/** Undefined for sRGB's primaries. */
function readPrimaries(chunk: Buffer) {
  const [white, red, green, blue] = [0, 8, 16, 24].map(
    (at): Chromaticity => [chunk.readUInt32BE(at) / 100_000, chunk.readUInt32BE(at + 4) / 100_000],
  )
  const primaries = { red, green, blue, white }
  const isSame = (['red', 'green', 'blue', 'white'] as const).every(name =>
    primaries[name].every((value, i) => Math.abs(value - SRGB_PRIMARIES[name][i]) < PRIMARIES_TOLERANCE),
  )
  return isSame ? undefined : primaries
}

/** Reads the chunks before the pixels, the first of each type. */
function readChunks(bytes: Uint8Array): Map<string, Buffer> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks = new Map<string, Buffer>()
  if (file.toString('latin1', 0, 4) !== '\x89PNG') return chunks
  for (let at = SIGNATURE_BYTES; at + CHUNK_BYTES <= file.length; ) {
    const length = file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    if (type === 'IDAT') break
    if (!chunks.has(type)) chunks.set(type, file.subarray(at + 8, at + 8 + length))
    at += CHUNK_BYTES + length
  }
  return chunks
}
