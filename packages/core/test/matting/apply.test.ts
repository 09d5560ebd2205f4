import { describe, expect, test } from 'vitest'
import { applyMatte } from '../../src/matting/apply.ts'
import { extractAlpha } from '../../src/matting/matte.ts'
import type { Matte, Raster } from '../../src/shared/types.ts'
import { createRandom } from './read-raster.ts'

/** Computes bilinear interpolation at half-pixel centers by the textbook formula. */
function sampleMatte({ data, width, height }: Matte, x: number, y: number): number {
  const clamp = (value: number, size: number) => Math.min(Math.max(value, 0), size - 1)
  const [left, top] = [Math.floor(x), Math.floor(y)]
  const at = (column: number, row: number) => data[clamp(row, height) * width + clamp(column, width)]
  const upper = at(left, top) * (left + 1 - x) + at(left + 1, top) * (x - left)
  const lower = at(left, top + 1) * (left + 1 - x) + at(left + 1, top + 1) * (x - left)
  return upper * (top + 1 - y) + lower * (y - top)
}

function createRaster(width: number, height: number, channels: 3 | 4, seed = 1): Raster {
  const random = createRandom(seed)
  return {
    data: Uint8Array.from({ length: width * height * channels }, () => random() * 256),
    width,
    height,
    channels,
  }
}

function createMatte(width: number, height: number): Matte {
  const { data } = createRaster(width, height, 3, 5)
  return { data: data.slice(0, width * height), width, height }
}

describe('enlarges the matte bilinearly', () => {
  test.each([
    { matte: [7, 5], raster: [40, 33] },
    { matte: [16, 16], raster: [17, 100] },
    { matte: [1, 1], raster: [6, 4] },
    { matte: [3, 2], raster: [3, 2] },
    { matte: [320, 320], raster: [1999, 3] },
  ])('$matte → $raster', ({ matte: [matteWidth, matteHeight], raster: [width, height] }) => {
    const matte = createMatte(matteWidth, Math.min(matteHeight, height))
    const alpha = extractAlpha(applyMatte(createRaster(width, height, 3), matte, 'bilinear')).data
    for (let i = 0; i < alpha.length; i++) {
      const x = (((i % width) + 0.5) * matte.width) / width - 0.5
      const y = ((Math.floor(i / width) + 0.5) * matte.height) / height - 0.5
      // 0.5 for rounding; the rest because weights are multiples of 1/2048.
      expect(Math.abs(alpha[i] - sampleMatte(matte, x, y))).toBeLessThanOrEqual(0.63)
    }
  })
})

test('copies the colors and does not change a raster of three channels', () => {
  const raster = createRaster(9, 5, 3)
  const before = raster.data.slice()
  const rgba = applyMatte(raster, createMatte(4, 4), 'bilinear')
  expect(rgba).toMatchObject({ width: 9, height: 5, channels: 4 })
  for (let i = 0; i < 45; i++) {
    expect(Array.from(rgba.data.subarray(4 * i, 4 * i + 3))).toEqual(
      Array.from(before.subarray(3 * i, 3 * i + 3)),
    )
  }
  expect(raster.data).toEqual(before)
})

test.each([{ channels: 3 }, { channels: 4 }] as const)(
  'keeps alpha at the border ($channels channels)',
  ({ channels }) => {
    const raster = createRaster(64, 48, channels)
    if (channels === 4) for (let i = 3; i < raster.data.length; i += 4) raster.data[i] = 255
    const opaque = { data: new Uint8Array(10 * 10).fill(255), width: 10, height: 10 }
    expect(extractAlpha(applyMatte(raster, opaque, 'bilinear')).data.every(alpha => alpha === 255)).toBe(true)
  },
)

test("multiplies the raster's own alpha, in place", () => {
  const random = createRaster(31, 17, 4)
  const own = extractAlpha(random).data
  const matte = createMatte(8, 8)
  const alone = extractAlpha(applyMatte(createRaster(31, 17, 3), matte, 'bilinear')).data
  const both = applyMatte(random, matte, 'bilinear')
  expect(both).toBe(random)
  const alpha = extractAlpha(both).data
  for (let i = 0; i < own.length; i++)
    expect(Math.abs(alpha[i] - (own[i] * alone[i]) / 255)).toBeLessThanOrEqual(0.5)
})

test('averages a matte that is larger than the raster', () => {
  const checks = {
    data: Uint8Array.from({ length: 64 * 64 }, (_, i) => ((i ^ (i >> 6)) & 1 ? 255 : 0)),
    width: 64,
    height: 64,
  }
  const alpha = extractAlpha(applyMatte(createRaster(8, 8, 3), checks, 'bilinear')).data
  expect(alpha.every(value => Math.abs(value - 127.5) <= 1)).toBe(true)
})
