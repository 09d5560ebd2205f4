import { describe, expect, test } from 'vitest'
import { estimateForeground, zeroTransparent } from '../../../src/matting/foreground/estimate.ts'
import type { Raster } from '../../../src/shared/types.ts'
import { copyRaster, createNoise, GOLDEN_DIR, readRgba } from '../read-raster.ts'

const SIZES = [
  [1, 1],
  [1, 17],
  [17, 1],
  [2, 2],
  [200, 150],
  [33, 400],
]

function expectUntouchedOrZero(before: Raster, after: Raster): void {
  for (let at = 0; at < before.data.length; at += 4) {
    const alpha = before.data[at + 3]
    const old = before.data.subarray(at, at + 4).join()
    const now = after.data.subarray(at, at + 4).join()
    if (alpha === 255 && now !== old) expect.fail(`opaque pixel ${at / 4} was ${old}, became ${now}`)
    if (alpha === 0 && now !== '0,0,0,0') expect.fail(`transparent pixel ${at / 4} became ${now}`)
    if (after.data[at + 3] !== alpha) expect.fail(`alpha of pixel ${at / 4} became ${after.data[at + 3]}`)
  }
}

describe.each([
  { method: 'multi-level', levels: 2 },
  { method: 'blur-fusion', levels: 14 },
] as const)('$method', ({ method, levels }) => {
  test.each(SIZES)(
    'keeps opaque pixels and alpha, and sets transparent pixels to zero: %d×%d px',
    (width, height) => {
      for (const seed of [1, 2, 3]) {
        const rgba = createNoise(width, height, seed)
        const cutout = copyRaster(rgba)
        expect(estimateForeground(cutout, method)).toBe(cutout)
        expectUntouchedOrZero(rgba, cutout)
      }
    },
  )

  test('finds the color of a foreground over another color', () => {
    const [width, height] = [300, 200]
    const rgba = createNoise(width, height)
    for (let i = 0; i < width * height; i++) {
      // A soft disc of orange on blue.
      const distance = Math.hypot((i % width) - 150, Math.floor(i / width) - 100)
      const share = Math.min(1, Math.max(0, (80 - distance) / 20))
      rgba.data.set([250 * share, 120 * share, 200 * (1 - share), 255 * share], 4 * i)
    }
    const cutout = estimateForeground(rgba, method)
    let greatest = 0
    for (let at = 0; at < cutout.data.length; at += 4) {
      const [red, green, blue, alpha] = cutout.data.subarray(at, at + 4)
      const miss = Math.max(Math.abs(red - 250), Math.abs(green - 120), blue)
      // Weighted by alpha, because 8 bits determine a color of low alpha only roughly.
      greatest = Math.max(greatest, (miss * alpha) / 255)
    }
    expect(greatest).toBeLessThanOrEqual(levels)
  })

  test('gives the same result for unaligned bytes', async () => {
    const rgba = await readRgba(
      `${GOLDEN_DIR}synthetic-small.image.png`,
      `${GOLDEN_DIR}synthetic-small.alpha.png`,
    )
    const slice = new Uint8Array(rgba.data.length + 1).subarray(1)
    slice.set(rgba.data)
    const shifted = estimateForeground({ ...rgba, data: slice }, method)
    expect(shifted.data).toEqual(estimateForeground(rgba, method).data)
  })
})

test('zeroTransparent changes only transparent pixels', () => {
  const rgba = createNoise(20, 20)
  const zeroed = zeroTransparent(copyRaster(rgba))
  expectUntouchedOrZero(rgba, zeroed)
  const translucent = (raster: Raster) =>
    Array.from(raster.data).filter((_, i) => rgba.data[i - (i % 4) + 3] > 0)
  expect(translucent(zeroed)).toEqual(translucent(rgba))
})
