import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { decodeMatte, encodeMatte } from '../../src/image/matte-file.ts'
import type { Matte } from '../../src/shared/types.ts'
import { openSwatches } from './swatches.ts'

/** Draws a matte with every level of alpha, in which neighbors differ by 37. */
function drawMatte(width: number, height: number): Matte {
  return { data: Uint8Array.from({ length: width * height }, (_, i) => (i * 37) % 256), width, height }
}

test.each([
  [256, 3],
  [1, 1],
  [1, 700],
  [640, 1],
])('%i × %i px are identical after encoding and decoding', async (width, height) => {
  const matte = drawMatte(width, height)
  const read = await decodeMatte(await encodeMatte(matte))
  expect({ ...read, data: [...read.data] }).toEqual({ width, height, data: [...matte.data] })
})

test('writes an 8-bit grayscale PNG without metadata', async () => {
  const metadata = await sharp(await encodeMatte(drawMatte(20, 10))).metadata()
  expect(metadata).toMatchObject({
    format: 'png',
    channels: 1,
    depth: 'uchar',
    isPalette: false,
    hasProfile: false,
  })
})

describe('other files are CORRUPT_IMAGE', () => {
  const faults: [what: string, bytes: () => Promise<Uint8Array>][] = [
    ['no bytes', async () => new Uint8Array()],
    ['text', async () => Buffer.from('hello')],
    ['a color PNG', () => openSwatches().png().toBuffer()],
    ['a 16-bit PNG', () => openSwatches().toColourspace('grey16').png().toBuffer()],
    ['a JPEG', () => openSwatches().greyscale().jpeg().toBuffer()],
    ['a truncated matte', async () => (await encodeMatte(drawMatte(300, 300))).subarray(0, -2000)],
    [
      'a matte with a changed byte',
      async () => {
        const bytes = await encodeMatte(drawMatte(300, 300))
        bytes[Math.floor(bytes.length / 2)] ^= 0x55
        return bytes
      },
    ],
  ]
  test.each(faults)('%s', async (_, bytes) => {
    await expect(decodeMatte(await bytes())).rejects.toMatchObject({
      name: 'NobgError',
      code: 'CORRUPT_IMAGE',
    })
  })
})
