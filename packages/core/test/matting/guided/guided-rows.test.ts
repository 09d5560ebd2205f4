import { describe, expect, test } from 'vitest'
import { applyMatte, type MatteUpsampling } from '../../../src/matting/apply.ts'
import { extractAlpha } from '../../../src/matting/matte.ts'
import { shrinkMatte } from '../../../src/matting/shrink.ts'
import type { Matte, Raster } from '../../../src/shared/types.ts'
import { createNoise, createRandom, findShared, GOLDEN_DIR, readAlpha, readRgb } from '../read-raster.ts'

function enlarge(raster: Raster, matte: Matte, upsampling: MatteUpsampling): Uint8Array {
  return extractAlpha(applyMatte({ ...raster, data: raster.data.slice() }, matte, upsampling)).data
}

/** Makes noise with three channels. */
function createPhotograph(width: number, height: number): Raster {
  const data = createNoise(width, height, 7).data.subarray(0, width * height * 3)
  return { data: data.slice(), width, height, channels: 3 }
}

/** Draws areas of fractional alpha between large areas of 0 and 255. */
function createBlots(width: number, height: number): Matte {
  const random = createRandom(3)
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const wave = Math.sin((i % width) / 3) + Math.sin(Math.floor(i / width) / 4)
    return Math.min(255, Math.max(0, 128 + 200 * wave + 20 * random()))
  })
  return { data, width, height }
}

/** Shrinks a true alpha and enlarges it again. @returns error of the guided method ÷ error of the bilinear method */
function compareWays(photograph: Raster, alpha: Uint8Array, width: number, height: number): number {
  const truth = { data: alpha, width: photograph.width, height: photograph.height }
  const shrunk = shrinkMatte(truth, width, height)
  const [guided, bilinear] = (['guided', 'bilinear'] as const).map(upsampling => {
    return enlarge(photograph, shrunk, upsampling).reduce((sum, it, i) => sum + Math.abs(it - alpha[i]), 0)
  })
  return guided / bilinear
}

describe('a true matte that is shrunk and enlarged has a smaller error', () => {
  test('hair over a green check: ≤ 0.8 × the bilinear error', async () => {
    const photograph = await readRgb(`${GOLDEN_DIR}synthetic-hair.image.png`)
    const alpha = await readAlpha(`${GOLDEN_DIR}synthetic-hair.alpha.png`)
    expect(compareWays(photograph, alpha, 102, 77)).toBeLessThan(0.8)
  })

  test.for([
    { name: 'am-gt01', most: 0.4 },
    { name: 'am-gt25', most: 0.9 },
    { name: 'lemur', most: 0.65 },
  ])('$name: ≤ $most × the bilinear error', async ({ name, most }, { skip }) => {
    const photograph = await readRgb(findShared(`truth/${name}.image.png`, skip))
    const alpha = await readAlpha(findShared(`truth/${name}.alpha.png`, skip))
    expect(compareWays(photograph, alpha, 320, 320)).toBeLessThan(most)
  })
})

test('an edge of color becomes an edge of alpha', () => {
  const [width, height] = [160, 90]
  const isSubject = (x: number, y: number) => x > 61.3 + y / 4
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    return [200, 60, 30, 90, 100, 160][
      (i % 3) + (isSubject(pixel % width, Math.floor(pixel / width)) ? 0 : 3)
    ]
  })
  const alpha = Uint8Array.from({ length: width * height }, (_, i) =>
    isSubject(i % width, Math.floor(i / width)) ? 255 : 0,
  )
  expect(compareWays({ data, width, height, channels: 3 }, alpha, 16, 9)).toBeLessThan(0.25)
})

test('with a photograph of one color the result is bilinear within 1 level', () => {
  const photograph = createPhotograph(70, 50)
  photograph.data.fill(99)
  const matte = createBlots(20, 15)
  const bilinear = enlarge(photograph, matte, 'bilinear')
  enlarge(photograph, matte, 'guided').forEach((alpha, i) => {
    expect(Math.abs(alpha - bilinear[i])).toBeLessThanOrEqual(1)
  })
})

test('keeps certain alpha, and at most doubles alpha and its complement', () => {
  const photograph = createPhotograph(210, 150)
  const matte = createBlots(60, 50)
  const bilinear = enlarge(photograph, matte, 'bilinear')
  const guided = enlarge(photograph, matte, 'guided')
  expect(guided).not.toEqual(bilinear)
  expect(guided.every((alpha, i) => alpha <= 2 * bilinear[i] && 255 - alpha <= 2 * (255 - bilinear[i]))).toBe(
    true,
  )
})

test('a translucent matte without edges gets no grain of the photograph', () => {
  const photograph = createPhotograph(210, 150)
  // The slope is at most 3 levels per sample.
  const matte: Matte = {
    data: Uint8Array.from({ length: 60 * 50 }, (_, i) => 40 + 3 * (i % 60)),
    width: 60,
    height: 50,
  }
  expect(enlarge(photograph, matte, 'guided')).toEqual(enlarge(photograph, matte, 'bilinear'))
})

test("a matte of at least the photograph's size is applied unchanged", () => {
  const photograph = createPhotograph(60, 50)
  for (const matte of [createBlots(60, 50), createBlots(90, 120)]) {
    expect(enlarge(photograph, matte, 'guided')).toEqual(enlarge(photograph, matte, 'bilinear'))
  }
})

test('a raster of four opaque channels gets the same alpha as one of three', () => {
  const { data, width, height } = createPhotograph(83, 61)
  const rgba = new Uint8Array(width * height * 4).fill(255)
  for (let i = 0; i < data.length; i++) rgba[Math.floor(i / 3) * 4 + (i % 3)] = data[i]
  const matte = createBlots(31, 24)
  expect(enlarge({ data: rgba, width, height, channels: 4 }, matte, 'guided')).toEqual(
    enlarge({ data, width, height, channels: 3 }, matte, 'guided'),
  )
})

test.each([
  { photograph: [1, 1], matte: [1, 1] },
  { photograph: [1, 9], matte: [1, 2] },
  { photograph: [9, 1], matte: [4, 1] },
  { photograph: [300, 7], matte: [16, 16] },
  { photograph: [7, 300], matte: [64, 3] },
])(
  'computes $photograph with a matte of $matte',
  ({ photograph: [width, height], matte: [columns, rows] }) => {
    const photograph = createPhotograph(width, height)
    const matte = createBlots(columns, rows)
    const bilinear = enlarge(photograph, matte, 'bilinear')
    const guided = enlarge(photograph, matte, 'guided')
    expect(guided.length).toBe(width * height)
    expect(guided.every((alpha, i) => alpha <= 2 * bilinear[i])).toBe(true)
  },
)
