import { findColorSpace } from './cicp.ts'
import type { ColorSpace } from './color-space.ts'

/** A box of an ISO base media file. */
interface Box {
  type: string
  data: Buffer
}

/** Maximum number of boxes read per level. */
const MAX_BOXES = 1000

/**
 * Reads the color space that an AVIF or HEIF gives by code points (`colr` of type `nclx`).
 *
 * @returns undefined for sRGB, for a file with an ICC profile (which takes precedence), and for other formats
 * @throws {NobgError} UNSUPPORTED_FORMAT for HDR
 * @see ISO/IEC 14496-12 (colr), 23008-12 (meta, pitm, ipco, ipma)
 */
export function readHeifColor(bytes: Uint8Array): ColorSpace | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.toString('latin1', 4, 8) !== 'ftyp') return undefined
  const meta = find(readBoxes(file), 'meta')
  // The first four bytes of a full box are its version and flags.
  const boxes = meta ? readBoxes(meta.subarray(4)) : []
  const properties = readBoxes(find(boxes, 'iprp') ?? Buffer.alloc(0))
  const all = readBoxes(find(properties, 'ipco') ?? Buffer.alloc(0))
  const own = readAssociations(find(properties, 'ipma'), readPrimaryItem(find(boxes, 'pitm')))
  const colors = own.map(index => all[index - 1]).filter(box => box?.type === 'colr')
  const kindOf = ({ data }: Box) => data.toString('latin1', 0, 4)
  if (colors.some(box => ['prof', 'rICC'].includes(kindOf(box)))) return undefined
  const data = colors.find(box => kindOf(box) === 'nclx')?.data
  if (!data || data.length < 8) return undefined
  return findColorSpace({ primaries: data.readUInt16BE(4), transfer: data.readUInt16BE(6) })
}

const find = (boxes: readonly Box[], type: string) => boxes.find(box => box.type === type)?.data

function readBoxes(data: Buffer): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at + 8 <= data.length && boxes.length < MAX_BOXES; ) {
    const short = data.readUInt32BE(at)
    const isLong = short === 1 && at + 16 <= data.length
    const head = isLong ? 16 : 8
    // A length of 0 means: up to the end.
    const length = isLong ? Number(data.readBigUInt64BE(at + 8)) : short || data.length - at
    if (length < head) break
    boxes.push({ type: data.toString('latin1', at + 4, at + 8), data: data.subarray(at + head, at + length) })
    at += length
  }
  return boxes
}

function readPrimaryItem(pitm: Buffer | undefined): number | undefined {
  if (!pitm || pitm.length < 6) return undefined
  return pitm[0] === 0 ? pitm.readUInt16BE(4) : pitm.length < 8 ? undefined : pitm.readUInt32BE(4)
}

/** Returns the indices of an item's properties, starting at 1. */
function readAssociations(ipma: Buffer | undefined, item: number | undefined): number[] {
  if (!ipma || ipma.length < 8) return []
  const idBytes = ipma[0] < 1 ? 2 : 4
  const indexBytes = ipma[3] & 1 ? 2 : 1
  const entries = ipma.readUInt32BE(4)
  let at = 8
  for (let entry = 0; entry < entries && at + idBytes < ipma.length; entry++) {
    const id = ipma.readUIntBE(at, idBytes)
    const count = ipma[at + idBytes]
    const start = at + idBytes + 1
    at = start + count * indexBytes
    if (id !== item || at > ipma.length) continue
    // The highest bit marks an essential property.
    const mask = indexBytes === 2 ? 0x7fff : 0x7f
    return Array.from({ length: count }, (_, i) => ipma.readUIntBE(start + i * indexBytes, indexBytes) & mask)
  }
  return []
}
