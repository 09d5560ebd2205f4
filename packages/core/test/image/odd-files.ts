import { crc32, deflateSync } from 'node:zlib'

function writeChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

/** Makes a PNG of a few bytes with a header of `width` × `height` px, gray. */
export function drawBomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const rows = deflateSync(Buffer.alloc(1000))
  return Buffer.concat([
    signature,
    writeChunk('IHDR', header),
    writeChunk('IDAT', rows),
    writeChunk('IEND', Buffer.alloc(0)),
  ])
}

/** Returns a copy of `bytes` with `extra` inserted at `offset`. */
export function insertAfterHeader(bytes: Buffer, offset: number, extra: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, offset), extra, bytes.subarray(offset)])
}

/** Returns a copy of an image with an invalid ICC profile. */
export function damageProfile(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes)
  const profile = damaged.indexOf('acsp')
  if (profile < 0) throw new Error('expected an image with an ICC profile')
  return damaged.fill(0x41, profile + 40, profile + 200)
}

/** An SVG of a few hundred bytes whose entities expand to ten million bytes. */
export function nestEntities(): Buffer {
  const levels = 'abcdefg'.split('')
  const entities = levels.map(
    (name, i) => `<!ENTITY ${name} "${(i === 0 ? 'x' : `&${levels[i - 1]};`).repeat(10)}">`,
  )
  return Buffer.from(
    `<?xml version="1.0"?><!DOCTYPE svg [${entities.join('')}]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&g;</text></svg>`,
  )
}
