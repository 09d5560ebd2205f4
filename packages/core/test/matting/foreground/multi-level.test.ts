import { describe, expect, test } from 'vitest'
import { findSeeds } from '../../../src/matting/foreground/band.ts'
import { estimateForeground } from '../../../src/matting/foreground/estimate.ts'
import { viewFrame } from '../../../src/matting/foreground/frame.ts'
import {
  listLevelSizes,
  type MultiLevelOptions,
  solveLevels,
} from '../../../src/matting/foreground/multi-level.ts'
import type { Raster } from '../../../src/shared/types.ts'
import {
  copyRaster,
  createNoise,
  findShared,
  GOLDEN_DIR,
  joinAlpha,
  readAlpha,
  readFloats,
  readRgb,
  readRgba,
} from '../read-raster.ts'
import { measureError } from './measure-error.ts'
import { solvePlainly } from './solve-plainly.ts'

const WHOLE: MultiLevelOptions = { bandPx: Number.POSITIVE_INFINITY }

/** Returns the foreground before rounding: float32, [height, width, 3], in [0,255]. */
function solveColors(rgba: Raster, options: MultiLevelOptions): Float32Array {
  const frame = viewFrame(rgba)
  const stream = solveLevels(frame, findSeeds(frame)!, options)
  const colors = new Float32Array(rgba.width * rgba.height * 3)
  for (let y = 0; y < rgba.height; y++) {
    const row = stream.readRow(y)
    for (let x = 0; x < rgba.width; x++) colors.set(row.subarray(6 * x, 6 * x + 3), (y * rgba.width + x) * 3)
  }
  return colors
}

function measureDistance(colors: ArrayLike<number>, golden: ArrayLike<number>, scale: number): number {
  let greatest = 0
  for (let i = 0; i < golden.length; i++)
    greatest = Math.max(greatest, Math.abs(colors[i] - golden[i] * scale))
  return greatest
}

describe('with a band of the whole frame', () => {
  test.each(['synthetic-small', 'synthetic-hair'])('equals pymatting within 0.05 levels: %s', async name => {
    const rgba = await readRgba(`${GOLDEN_DIR}${name}.image.png`, `${GOLDEN_DIR}${name}.alpha.png`)
    const golden = await readFloats(`${GOLDEN_DIR}${name}.ml-fg.f32`)
    expect(measureDistance(solveColors(rgba, WHOLE), golden, 255)).toBeLessThan(0.05)
  })

  test('equals pymatting within 0.05 levels: lemur-crop', async ({ skip }) => {
    const golden = await readFloats(findShared('golden/lemur-crop.ml-fg.f32', skip))
    const rgba = await readRgba(
      findShared('golden/lemur-crop.image.png', skip),
      findShared('golden/lemur-crop.alpha.png', skip),
    )
    expect(measureDistance(solveColors(rgba, WHOLE), golden, 255)).toBeLessThan(0.05)
  })

  test.each([
    [1, 1],
    [1, 2],
    [7, 1],
    [1, 50],
    [33, 20],
    [300, 9],
    [64, 130],
  ])('equals whole-frame sweeps within 0.05 levels: %d×%d px of noise', (width, height) => {
    const rgba = createNoise(width, height)
    rgba.data[3] = 128
    const plain = solvePlainly(rgba, listLevelSizes(width, height))
    expect(measureDistance(solveColors(rgba, WHOLE), plain, 1)).toBeLessThan(0.05)
  })
})

describe('with its default band, compared with the true foreground', () => {
  test('hair over a green check: ≤ 0.7 × the full method', async () => {
    const truth = await readRgb(`${GOLDEN_DIR}synthetic-hair.truth.png`)
    const rgba = await readRgba(
      `${GOLDEN_DIR}synthetic-hair.image.png`,
      `${GOLDEN_DIR}synthetic-hair.alpha.png`,
    )
    const [shipped, full, fused] = measureMethods(rgba, truth)
    expect(shipped).toBeLessThanOrEqual(0.7 * full)
    expect(shipped).toBeLessThan(fused)
  })

  test.for([
    { name: 'green', background: [0, 255, 0] },
    { name: 'white', background: [255, 255, 255] },
  ])('a lemur on $name: ≤ 0.8 × the full method, ≤ 0.4 × blur fusion', async ({ background }, { skip }) => {
    const truth = await readRgb(findShared('truth/lemur.foreground.png', skip))
    const alpha = await readAlpha(findShared('truth/lemur.alpha.png', skip))
    const [shipped, full, fused] = measureMethods(
      joinAlpha(composite(truth, alpha, background), alpha),
      truth,
    )
    expect(shipped).toBeLessThanOrEqual(0.8 * full)
    expect(shipped).toBeLessThanOrEqual(0.4 * fused)
  })
})

/** Returns the errors of the multi-level method (within its band, and over the whole frame) and of the blur fusion. */
function measureMethods(rgba: Raster, truth: Raster): [number, number, number] {
  return [
    measureError(estimateForeground(copyRaster(rgba), 'multi-level'), truth),
    measureError(estimateForeground(copyRaster(rgba), 'multi-level', WHOLE), truth),
    measureError(estimateForeground(copyRaster(rgba), 'blur-fusion'), truth),
  ]
}

/** Computes αF + (1 − α)B in 8 bits. */
function composite(foreground: Raster, alpha: Uint8Array, background: number[]): Raster {
  const data = foreground.data.map((level, i) => {
    const share = alpha[Math.floor(i / 3)] / 255
    return Math.round(share * level + (1 - share) * background[i % 3])
  })
  return { ...foreground, data }
}

test('does not need rows after it has returned them', async () => {
  // The size gives several sparse levels. The rows above the subject are empty.
  const image = await readRgb(`${GOLDEN_DIR}synthetic-hair.image.png`, 900)
  const alpha = await readAlpha(`${GOLDEN_DIR}synthetic-hair.alpha.png`, 900)
  const rgba = joinAlpha(image, alpha)
  const colors = solveColors(rgba, {})
  const frame = viewFrame(copyRaster(rgba))
  const stream = solveLevels(frame, findSeeds(frame)!)
  for (let y = 0; y < rgba.height; y++) {
    const row = stream.readRow(y)
    for (let x = 0; x < rgba.width; x++) {
      const i = y * rgba.width + x
      if (alpha[i] === 0 || alpha[i] === 255) continue
      for (let channel = 0; channel < 3; channel++) {
        if (row[6 * x + channel] !== colors[3 * i + channel])
          expect.fail(`pixel ${i}: ${row[6 * x + channel]} instead of ${colors[3 * i + channel]}`)
      }
    }
    frame.pixels.fill(0x80123456, y * rgba.width, (y + 1) * rgba.width)
  }
})

test.each([
  { width: 1, height: 1, sizes: [[1, 1]] },
  {
    width: 8,
    height: 8,
    sizes: [
      [1, 1],
      [2, 2],
      [4, 4],
      [8, 8],
    ],
  },
  {
    width: 5,
    height: 1,
    sizes: [
      [1, 1],
      [2, 1],
      [3, 1],
      [5, 1],
    ],
  },
  {
    width: 97,
    height: 61,
    sizes: [
      [1, 1],
      [2, 2],
      [4, 3],
      [7, 6],
      [14, 10],
      [26, 19],
      [50, 34],
      [97, 61],
    ],
  },
])('levels of $width×$height px', ({ width, height, sizes }) => {
  expect(listLevelSizes(width, height)).toEqual(sizes)
})
