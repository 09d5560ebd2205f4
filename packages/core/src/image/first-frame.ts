const HEADER_BYTES = 12
const CHUNK_HEADER_BYTES = 8
/** `ANMF`, as a big-endian number. */
const FRAME = 0x414e4d46

/**
 * Removes all frames of an animated WebP but the first, which alone is decoded. libvips walks the list of frames once for each
 * frame: 100,000 frames of 4 MB in all take minutes.
 *
 * @returns the same bytes if there is no second frame, or if the list of chunks is damaged
 * @see https://developers.google.com/speed/webp/docs/riff_container
 */
export function keepFirstFrame(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 16) !== 'WEBPVP8X') return bytes
  const end = CHUNK_HEADER_BYTES + file.readUInt32LE(4)
  let frames = 0
  let at = HEADER_BYTES
  while (at + CHUNK_HEADER_BYTES <= Math.min(end, file.byteLength)) {
    if (isFrame(file, at)) frames++
    at = findNext(file, at)
  }
  if (frames < 2 || at !== end || end > file.byteLength) return bytes
  return copyOneFrame(file, end)
}

/** @param end of a whole list of chunks. A list may have millions of chunks, so that nothing is allocated for each of them. */
function copyOneFrame(file: Buffer, end: number): Uint8Array {
  const short = Buffer.allocUnsafe(end)
  let length = file.copy(short, 0, 0, HEADER_BYTES)
  let frames = 0
  for (let at = HEADER_BYTES, next = at; at < end; at = next) {
    next = findNext(file, at)
    if (!isFrame(file, at) || ++frames === 1) length += file.copy(short, length, at, next)
  }
  short.writeUInt32LE(length - CHUNK_HEADER_BYTES, 4)
  return short.subarray(0, length)
}

function isFrame(file: Buffer, at: number): boolean {
  return file.readUInt32BE(at) === FRAME
}

/** Position after a chunk, whose size is even in the file. */
function findNext(file: Buffer, at: number): number {
  const size = file.readUInt32LE(at + 4)
  return at + CHUNK_HEADER_BYTES + size + (size % 2)
}
