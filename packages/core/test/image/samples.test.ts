import { expect, test } from 'vitest'
import { decodeImage } from '../../src/image/decode.ts'
import { measureDistance } from './distance.ts'
import { draftPixels, writeTiff } from './tiff-file.ts'

const [unsigned, signed, float] = [1, 2, 3]
const [gray, rgb, cmyk] = [1, 2, 5]
const arrays = {
  '8 unsigned': Uint8Array,
  '16 unsigned': Uint16Array,
  '32 unsigned': Uint32Array,
  '8 signed': Int8Array,
  '16 signed': Int16Array,
  '32 signed': Int32Array,
  '32 float': Float32Array,
}

/** Writes a TIFF of one color, 8 × 8 px. `values` are fractions of the maximum sample. */
function drawTiff(kind: keyof typeof arrays, photometric: number, values: number[]): Buffer {
  const bits = Number.parseInt(kind, 10)
  const format = kind.endsWith('unsigned') ? unsigned : kind.endsWith('signed') ? signed : float
  const most = format === float ? 1 : 2 ** (format === signed ? bits - 1 : bits) - 1
  const samples = new arrays[kind](64 * values.length).map((_, i) => values[i % values.length] * most)
  const pixels = new Uint8Array(samples.buffer)
  return writeTiff({
    directories: [draftPixels(8, pixels, { samples: values.length, bits, format, photometric })],
  })
}

test.each<[keyof typeof arrays, photometric: number, values: number[], expected: number[]]>([
  ['8 unsigned', rgb, [0.25, 0.5, 1], [64, 128, 255]],
  ['16 unsigned', rgb, [0.25, 0.5, 1], [64, 128, 255]],
  ['8 unsigned', gray, [0.5], [128, 128, 128]],
  ['16 unsigned', gray, [0.5], [128, 128, 128]],
  // Linear light.
  ['32 float', rgb, [0.25, 0.5, 1], [137, 188, 255]],
  // The same as the 8-bit CMYK TIFF with this ink.
  ['16 unsigned', cmyk, [0, 0.5, 1, 0], [248, 132, 0]],
  ['8 unsigned', cmyk, [0, 0.5, 1, 0], [248, 132, 0]],
])('a TIFF of %s bits, photometric %d, %j', async (kind, photometric, values, expected) => {
  const { data } = await decodeImage(drawTiff(kind, photometric, values))
  expect(measureDistance(data.subarray(0, 3), expected).max).toBeLessThanOrEqual(2)
})

test.each<[keyof typeof arrays, photometric: number, values: number[]]>([
  ['32 unsigned', rgb, [0.25, 0.5, 1]],
  ['32 unsigned', gray, [0.5]],
  ['32 unsigned', cmyk, [0, 0.5, 1, 0]],
  ['8 signed', rgb, [0.25, 0.5, 1]],
  ['16 signed', rgb, [0.25, 0.5, 1]],
  ['16 signed', gray, [0.5]],
  ['32 signed', rgb, [0.25, 0.5, 1]],
  ['32 float', gray, [0.5]],
  ['32 float', cmyk, [0, 0.5, 1, 0]],
])('a TIFF of %s bits, photometric %d, %j is refused', async (kind, photometric, values) => {
  await expect(decodeImage(drawTiff(kind, photometric, values))).rejects.toMatchObject({
    code: 'UNSUPPORTED_FORMAT',
    message: expect.stringContaining('8 or 16 bits'),
    hint: expect.any(String),
  })
})
