import { describe, expect, test } from 'vitest'
import { resizeForModel } from '../../src/image/resize.ts'
import type { Raster } from '../../src/shared/types.ts'
import { measureDistance } from './distance.ts'

/** Draws a smooth picture with texture, in which a shift by a part of a pixel changes levels. @returns uint8, [height, width, channels] */
function drawTexture(width: number, height: number, channels: 3 | 4 = 3): Raster {
  const data = new Uint8Array(width * height * channels)
  for (let i = 0; i < data.length; i++) {
    const [x, y, c] = [Math.floor(i / channels) % width, Math.floor(i / channels / width), i % channels]
    const wave = Math.sin((x / width) * 21 + c) * Math.cos((y / height) * 17 - c)
    data[i] = c === 3 ? (x * 5) % 256 : 128 + 90 * wave + ((x * 7 + y * 13) % 11)
  }
  return { data, width, height, channels }
}

/** Returns Pillow's weights of the input samples for each output sample: a triangle of two input or output pixels. */
function weighTriangle(from: number, to: number): { start: number; weights: number[] }[] {
  const scale = from / to
  const support = Math.max(1, scale)
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale
    const start = Math.max(0, Math.round(center - support))
    const end = Math.min(from, Math.round(center + support))
    const raw = Array.from({ length: end - start }, (_, k) =>
      Math.max(0, 1 - Math.abs((start + k + 0.5 - center) / support)),
    )
    const sum = raw.reduce((a, b) => a + b)
    return { start, weights: raw.map(weight => weight / sum) }
  })
}

/** Computes Pillow's antialiased bilinear resize of the first three channels in floating point. */
function resizePlainly(
  { data, width, height, channels }: Raster,
  toWidth: number,
  toHeight: number,
): Float64Array {
  const columns = weighTriangle(width, toWidth)
  const rows = weighTriangle(height, toHeight)
  const out = new Float64Array(toWidth * toHeight * 3)
  for (let i = 0; i < out.length; i++) {
    const column = columns[Math.floor(i / 3) % toWidth]
    const row = rows[Math.floor(i / 3 / toWidth)]
    row.weights.forEach((wy, dy) => {
      column.weights.forEach((wx, dx) => {
        out[i] += wy * wx * data[((row.start + dy) * width + column.start + dx) * channels + (i % 3)]
      })
    })
  }
  return out
}

describe('agrees with the reference preprocessing', () => {
  // Tolerances in levels. sharp shrinks in steps, rounds between them, and has a slightly narrower triangle.
  test.each([
    ['smaller', 210, 150, 64, 64, 0.7, 5],
    ['much smaller', 400, 300, 32, 32, 0.7, 5],
    ['larger', 50, 40, 64, 64, 0.3, 0.7],
    ['one pixel larger', 63, 63, 64, 64, 0.3, 0.7],
    ['much larger', 7, 5, 64, 64, 0.3, 0.7],
    ['wider and lower', 40, 150, 64, 64, 0.7, 5],
    ['narrower and higher', 150, 40, 64, 64, 0.7, 5],
    ['from one pixel', 1, 1, 8, 8, 0, 0],
    ['not square', 90, 60, 96, 32, 0.7, 5],
  ])('%s: %i × %i to %i × %i', async (_, width, height, toWidth, toHeight, mean, max) => {
    const raster = drawTexture(width, height)
    const resized = await resizeForModel(raster, toWidth, toHeight)
    expect(resized).toMatchObject({ width: toWidth, height: toHeight, channels: 3 })
    const distance = measureDistance(resized.data, resizePlainly(raster, toWidth, toHeight))
    expect(distance.mean).toBeLessThanOrEqual(mean)
    expect(distance.max).toBeLessThanOrEqual(max)
  })
})

test.each([
  ['smaller', 120, 90],
  ['larger', 30, 20],
  ['same', 64, 64],
])('ignores alpha: %s', async (_, width, height) => {
  const raster = drawTexture(width, height, 4)
  const opaque = { ...raster, data: raster.data.map((level, i) => (i % 4 === 3 ? 255 : level)) }
  const colors = { width, height, channels: 3, data: raster.data.filter((_, i) => i % 4 !== 3) } as const
  const expected = await resizeForModel(colors, 64, 64)
  for (const kind of [raster, opaque]) {
    const resized = await resizeForModel(kind, 64, 64)
    expect(resized.channels).toBe(3)
    expect(measureDistance(resized.data, expected.data).max).toBe(0)
  }
})

test.each([
  ['3 channels, smaller', drawTexture(120, 90)],
  ['3 channels, larger', drawTexture(30, 20)],
  ['3 channels, same size', drawTexture(64, 64)],
  ['4 channels, same size', drawTexture(64, 64, 4)],
])('returns a new array and keeps the raster: %s', async (_, raster) => {
  const before = raster.data.slice()
  const { data } = await resizeForModel(raster, 64, 64)
  data.fill(0)
  expect(measureDistance(raster.data, before).max).toBe(0)
})
