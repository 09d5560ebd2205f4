/** A directory (IFD) of a TIFF. */
export interface TiffDirectory {
  /** Whole numbers of each tag, if they are within the file; none for text and fractions. */
  tags: Map<number, readonly number[]>
  /** Directories below this one (SubIFDs). */
  children: TiffDirectory[]
}

const SUB_IFDS = 330
// Limits for hostile files. Camera raw files have about 10 directories of about 100 tags at most.
const MAX_DIRECTORIES = 64
const MAX_ENTRIES = 1000
const MAX_VALUES = 64

/** Bytes per value of the types for whole numbers: BYTE, SHORT, LONG, UNDEFINED, IFD, LONG8, IFD8. */
const valueBytes = new Map([
  [1, 1],
  [3, 2],
  [4, 4],
  [7, 1],
  [13, 4],
  [16, 8],
  [18, 8],
])

/**
 * Reads the directories of a TIFF or BigTIFF of either byte order.
 *
 * @returns the chain of directories, with their children; empty for other formats. Skips data outside the file, and
 *   directories that were read before.
 * @see https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
 * @see https://www.awaresystems.be/imaging/tiff/bigtiff.html
 */
export function readTiffDirectories(bytes: Uint8Array): TiffDirectory[] {
  const reader = openTiff(bytes)
  return reader ? reader.readChain(reader.first) : []
}

function openTiff(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const order = Buffer.from(bytes.subarray(0, 2)).toString('latin1')
  if ((order !== 'II' && order !== 'MM') || bytes.length < 16) return undefined
  const little = order === 'II'
  const magic = view.getUint16(2, little)
  if (magic !== 42 && magic !== 43) return undefined
  const isBig = magic === 43
  const visited = new Set<number>()

  /** Reads a whole number at `offset`; undefined outside the file. */
  function read(offset: number, size: number): number | undefined {
    if (offset < 0 || offset + size > bytes.length) return undefined
    if (size === 1) return view.getUint8(offset)
    if (size === 2) return view.getUint16(offset, little)
    return size === 4 ? view.getUint32(offset, little) : Number(view.getBigUint64(offset, little))
  }

  const pointerSize = isBig ? 8 : 4
  const entrySize = isBig ? 20 : 12

  function readValues(entry: number): number[] {
    const size = valueBytes.get(read(entry + 2, 2) ?? 0)
    const count = read(entry + 4, pointerSize)
    if (!size || !count) return []
    const field = entry + 4 + pointerSize
    const start = size * count <= pointerSize ? field : read(field, pointerSize)
    if (start === undefined) return []
    const values = Array.from({ length: Math.min(count, MAX_VALUES) }, (_, i) => read(start + i * size, size))
    return values.filter(value => value !== undefined)
  }

  function readDirectory(offset: number): { directory: TiffDirectory; next: number } | undefined {
    if (offset < 8 || visited.has(offset) || visited.size >= MAX_DIRECTORIES) return undefined
    visited.add(offset)
    const count = read(offset, isBig ? 8 : 2)
    if (!count || count > MAX_ENTRIES) return undefined
    const start = offset + (isBig ? 8 : 2)
    const tags = new Map<number, readonly number[]>()
    for (let entry = start; entry < start + count * entrySize; entry += entrySize) {
      const tag = read(entry, 2)
      if (tag !== undefined) tags.set(tag, readValues(entry))
    }
    const children = (tags.get(SUB_IFDS) ?? []).flatMap(readChain)
    return { directory: { tags, children }, next: read(start + count * entrySize, pointerSize) ?? 0 }
  }

  function readChain(first: number): TiffDirectory[] {
    const chain: TiffDirectory[] = []
    for (let found = readDirectory(first); found; found = readDirectory(found.next))
      chain.push(found.directory)
    return chain
  }

  return { first: read(isBig ? 8 : 4, pointerSize) ?? 0, readChain }
}
