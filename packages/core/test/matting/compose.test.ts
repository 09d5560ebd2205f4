import { describe, expect, test } from 'vitest'
import { composeCutout } from '../../src/matting/compose.ts'
import type { Matte, Raster } from '../../src/shared/types.ts'
import { createNoise } from './read-raster.ts'

const WIDTH = 40
const HEIGHT = 20
const SETTINGS = { matteUpsampling: 'guided', refineForeground: false } as const

/** A raster of one color. */
function createPlain(): Raster {
  const data = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => [200, 100, 50][i % 3])
  return { data, width: WIDTH, height: HEIGHT, channels: 3 }
}

/** Alpha is 255 in columns 10–19 of rows 5–9, 100 in the next column, and 0 elsewhere. */
function createBlock(): Matte {
  const data = new Uint8Array(WIDTH * HEIGHT)
  for (let y = 5; y < 10; y++) {
    data.fill(255, y * WIDTH + 10, y * WIDTH + 20)
    data[y * WIDTH + 20] = 100
  }
  return { data, width: WIDTH, height: HEIGHT }
}

function readPixel({ data, width }: Raster, x: number, y: number): number[] {
  return Array.from(data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4))
}

test.each([false, 'multi-level', 'blur-fusion'] as const)(
  'sets transparent pixels to zero (refineForeground %s)',
  refineForeground => {
    const { raster, bounds } = composeCutout(createPlain(), createBlock(), { ...SETTINGS, refineForeground })
    expect(bounds).toEqual({ left: 0, top: 0, width: WIDTH, height: HEIGHT })
    expect(raster).toMatchObject({ width: WIDTH, height: HEIGHT, channels: 4 })
    expect(readPixel(raster, 0, 0)).toEqual([0, 0, 0, 0])
    expect(readPixel(raster, 15, 7)).toEqual([200, 100, 50, 255])
    const [, , , alpha] = readPixel(raster, 20, 7)
    expect(alpha).toBe(100)
  },
)

test("keeps the photograph's colors without foreground estimation", () => {
  const { raster } = composeCutout(createPlain(), createBlock(), SETTINGS)
  expect(readPixel(raster, 20, 7)).toEqual([200, 100, 50, 100])
})

describe('threshold', () => {
  test.each([
    { threshold: 0.5, expected: [0, 0, 0, 0] },
    { threshold: 0.3, expected: [200, 100, 50, 255] },
  ])('$threshold', ({ threshold, expected }) => {
    const { raster } = composeCutout(createPlain(), createBlock(), {
      ...SETTINGS,
      refineForeground: 'multi-level',
      threshold,
    })
    expect(readPixel(raster, 20, 7)).toEqual(expected)
  })
})

describe('crop', () => {
  test.each([
    { margin: 0, unit: 'px', expected: [10, 5, 11, 5] },
    { margin: 3, unit: 'px', expected: [7, 2, 17, 11] },
    { margin: 10, unit: '%', expected: [9, 4, 13, 7] },
    { margin: 100, unit: '%', expected: [0, 0, 32, 20] },
  ] as const)('$margin $unit', ({ margin, unit, expected: [left, top, width, height] }) => {
    const { raster, bounds } = composeCutout(createPlain(), createBlock(), {
      ...SETTINGS,
      crop: { margin, unit },
    })
    expect(bounds).toEqual({ left, top, width, height })
    expect(raster).toMatchObject({ width, height })
    expect(readPixel(raster, 10 - left, 5 - top)).toEqual([200, 100, 50, 255])
  })

  test('crops after the threshold', () => {
    const settings = { ...SETTINGS, threshold: 0.5, crop: { margin: 0, unit: 'px' } } as const
    expect(composeCutout(createPlain(), createBlock(), settings).bounds.width).toBe(10)
  })
})

describe('without a subject', () => {
  /** A matte with one value of alpha. */
  const createHaze = (alpha: number): Matte => ({ data: new Uint8Array(4).fill(alpha), width: 2, height: 2 })
  const crop = { margin: 5, unit: 'px' } as const

  test.each([
    { name: 'none in the matte', matte: createHaze(0), settings: {}, hint: /another model.*allowEmpty/ },
    { name: 'haze', matte: createHaze(12), settings: {}, hint: /another model/ },
    { name: 'with crop', matte: createHaze(0), settings: { crop }, hint: /allowEmpty/ },
    {
      name: 'none above the threshold',
      matte: createHaze(100),
      settings: { threshold: 0.9 },
      hint: /threshold/,
    },
  ])('$name: an error, or the whole empty frame with allowEmpty', ({ matte, settings, hint }) => {
    const all = { ...SETTINGS, ...settings }
    expect(() => composeCutout(createPlain(), matte, all)).toThrow(
      expect.objectContaining({ code: 'NO_SUBJECT', hint: expect.stringMatching(hint) }),
    )
    const { raster, bounds } = composeCutout(createPlain(), matte, { ...all, allowEmpty: true })
    expect(bounds).toEqual({ left: 0, top: 0, width: WIDTH, height: HEIGHT })
    expect(raster).toMatchObject({ width: WIDTH, height: HEIGHT })
    expect(Math.max(...raster.data.filter((_, i) => i % 4 === 3))).toBeLessThan(13)
  })

  test('a transparent picture has its own error message', () => {
    const data = new Uint8Array(WIDTH * HEIGHT * 4)
    const raster: Raster = { data, width: WIDTH, height: HEIGHT, channels: 4 }
    expect(() => composeCutout(raster, createBlock(), SETTINGS)).toThrow(
      expect.objectContaining({
        code: 'NO_SUBJECT',
        message: expect.stringContaining('transparent at the subject'),
      }),
    )
  })

  test.each([
    { name: 'faint all over', matte: createHaze(13), settings: {} },
    { name: 'haze that a threshold makes opaque', matte: createHaze(12), settings: { threshold: 0.04 } },
  ])('$name is a subject', ({ matte, settings }) => {
    expect(composeCutout(createPlain(), matte, { ...SETTINGS, ...settings }).raster.width).toBe(WIDTH)
  })

  test('one pixel is a subject', () => {
    const data = new Uint8Array(WIDTH * HEIGHT)
    data[5 * WIDTH + 7] = 255
    const settings = { ...SETTINGS, matteUpsampling: 'bilinear', crop: { margin: 0, unit: 'px' } } as const
    const { bounds } = composeCutout(createPlain(), { data, width: WIDTH, height: HEIGHT }, settings)
    expect(bounds).toEqual({ left: 7, top: 5, width: 1, height: 1 })
  })
})

test.each([
  [1, 1],
  [1, 9],
  [9, 1],
])('composes %d×%d px', (width, height) => {
  for (const refineForeground of [false, 'multi-level', 'blur-fusion'] as const) {
    const matte = { data: Uint8Array.of(60, 200, 0, 255), width: 2, height: 2 }
    const { raster } = composeCutout(createNoise(width, height), matte, { ...SETTINGS, refineForeground })
    expect(raster.data.length).toBe(width * height * 4)
  }
})
