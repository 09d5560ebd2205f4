/** A directory of a TIFF: its tags, its pixels as one strip, its child directories and the next directory. */
export interface DirectoryDraft {
  /** Whole numbers below 2³². */
  tags: Record<number, number[]>
  pixels?: Uint8Array
  children?: DirectoryDraft[]
}

export interface TiffDraft {
  little?: boolean
  big?: boolean
  /** Bytes between the header and the directories. */
  mark?: string
  directories: DirectoryDraft[]
}

/** Writes a TIFF or a BigTIFF with all values as LONG. */
export function writeTiff({ little = true, big = false, mark = '', directories }: TiffDraft): Buffer {
  const pointer = big ? 8 : 4
  const parts: Buffer[] = []
  let length = 0
  const add = (part: Buffer) => {
    const offset = length
    parts.push(part)
    length += part.length
    return offset
  }
  const whole = (value: number, size: number): Buffer => {
    const bytes = Buffer.alloc(size)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    if (size === 2) view.setUint16(0, value, little)
    else if (size === 4) view.setUint32(0, value, little)
    else view.setBigUint64(0, BigInt(value), little)
    return bytes
  }

  function addValues(values: number[]): Buffer {
    const data = Buffer.concat(values.map(value => whole(value, 4)))
    if (data.length <= pointer) return Buffer.concat([data, Buffer.alloc(pointer - data.length)])
    return whole(add(data), pointer)
  }

  /** @returns the offset of the directory, and the place for the offset of the next directory */
  function addDirectory({ tags, pixels, children = [] }: DirectoryDraft): { offset: number; next: Buffer } {
    const all: Record<number, number[]> = { ...tags }
    if (children.length > 0) all[330] = children.map(child => addDirectory(child).offset)
    if (pixels) {
      all[273] = [add(Buffer.from(pixels))]
      all[279] = [pixels.length]
    }
    const entries = Object.entries(all).map(([tag, values]) =>
      Buffer.concat([whole(Number(tag), 2), whole(4, 2), whole(values.length, pointer), addValues(values)]),
    )
    const offset = add(Buffer.concat([whole(entries.length, big ? 8 : 2), ...entries]))
    const next = Buffer.alloc(pointer)
    add(next)
    return { offset, next }
  }

  const order = Buffer.from(little ? 'II' : 'MM')
  const first = Buffer.alloc(pointer)
  add(Buffer.concat([order, whole(big ? 43 : 42, 2), ...(big ? [whole(8, 2), whole(0, 2)] : [])]))
  add(first)
  add(Buffer.from(mark))
  let previous: Buffer = first
  for (const draft of directories) {
    const { offset, next } = addDirectory(draft)
    whole(offset, pointer).copy(previous)
    previous = next
  }
  return Buffer.concat(parts)
}

/** Returns a directory of uncompressed pixels: `bits` per sample, and TIFF's SampleFormat (1 unsigned, 2 signed, 3 float). */
export function draftPixels(
  width: number,
  pixels: Uint8Array,
  { samples = 3, bits = 8, format = 1, photometric = 2, tags = {} } = {},
): DirectoryDraft {
  const height = pixels.length / ((width * samples * bits) / 8)
  return {
    pixels,
    tags: {
      256: [width],
      257: [height],
      258: Array(samples).fill(bits),
      259: [1],
      262: [photometric],
      277: [samples],
      278: [height],
      284: [1],
      339: Array(samples).fill(format),
      ...tags,
    },
  }
}
