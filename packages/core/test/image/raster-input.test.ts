import { describe, expect, test } from 'vitest'
import { checkRaster, widenRaster } from '../../src/image/raster-input.ts'
import { readSource } from '../../src/image/source.ts'
import type { RasterInput } from '../../src/shared/types.ts'

const pixels = new Uint8Array([10, 20, 30, 40, 50, 60])
const two = { data: pixels, width: 2, height: 1, channels: 3 } as const

describe('decoded pixels as a source', () => {
  test('are not copied, and keep their shape', async () => {
    const source = await readSource(two)
    expect(source).toMatchObject({ name: 'image', shape: { width: 2, height: 1, channels: 3 } })
    expect(source.digest).toMatch(/^[\da-f]{64}$/)
    expect([...(await source.bytes())]).toEqual([...pixels])
  })

  test('have equal digests for equal pixels and shape, in any array', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(6))
    shared.set(pixels)
    const { digest } = await readSource(two)
    const arrays = [
      new Uint8ClampedArray(pixels),
      new Uint8Array([0, ...pixels, 0]).subarray(1, -1),
      Buffer.from(pixels),
      shared,
    ]
    for (const data of arrays) expect((await readSource({ ...two, data })).digest).toBe(digest)
  })

  test('have another digest for another shape, for other pixels, and for the bytes of a file', async () => {
    const inputs = [
      two,
      { ...two, width: 1, height: 2 },
      { ...two, width: 3, channels: 2 } as const,
      { ...two, data: new Uint8Array([10, 20, 30, 40, 50, 61]) },
      pixels,
    ]
    const digests = await Promise.all(inputs.map(async input => (await readSource(input)).digest))
    expect(new Set(digests).size).toBe(inputs.length)
  })

  test('may exceed maxBytes', async () => {
    expect((await readSource(two, { maxBytes: 2 })).shape).toBeDefined()
  })
})

describe('refuses invalid pixels', () => {
  const refused: [what: string, change: object, expected: RegExp][] = [
    ['too few bytes', { data: new Uint8Array(5) }, /2 × 1 × 3 = 6 bytes as data, got 5/],
    ['too many bytes', { data: new Uint8Array(7) }, /6 bytes as data, got 7/],
    ['16 bits a channel', { data: new Uint16Array(6) }, /a Uint8Array as data/],
    ['no pixel', { data: new Uint8Array(0), width: 0 }, /whole number of px as width, got 0/],
    ['half a pixel', { height: 0.5 }, /whole number of px as height, got 0.5/],
    ['five channels', { channels: 5 }, /1, 2, 3 or 4 as channels, got 5/],
    ['no channels, as in ImageData', { channels: undefined }, /as channels, got a value of type undefined/],
  ]
  test.each(refused)('%s', async (_, change, message) => {
    await expect(readSource({ ...two, ...change } as RasterInput)).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringMatching(message),
    })
    expect(() => checkRaster({ ...two, ...change } as RasterInput)).toThrow()
  })
})

describe('widenRaster', () => {
  test.each([
    [1, [7, 9], [7, 7, 7, 255, 9, 9, 9, 255]],
    [2, [7, 1, 9, 2], [7, 7, 7, 1, 9, 9, 9, 2]],
    [3, [1, 2, 3, 4, 5, 6], [1, 2, 3, 255, 4, 5, 6, 255]],
    [4, [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8]],
  ] as const)('%i channels', (channels, given, expected) => {
    const bytes = new Uint8Array(given)
    const raster = widenRaster(bytes, { width: 2, height: 1, channels })
    expect(raster).toMatchObject({ width: 2, height: 1, channels: 4 })
    expect([...raster.data]).toEqual(expected)
    expect(raster.data === bytes).toBe(channels === 4)
  })

  test('refuses more than maxPixels', () => {
    expect(() => widenRaster(pixels, two, 1)).toThrow(expect.objectContaining({ code: 'TOO_MANY_PIXELS' }))
  })
})
