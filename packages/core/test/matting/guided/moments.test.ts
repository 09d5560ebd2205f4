import { expect, test } from 'vitest'
import { MOMENTS, sumMoments } from '../../../src/matting/guided/moments.ts'
import { createRandom } from '../read-raster.ts'

/** Computes the sums over columns `x - radius` to `x + radius` separately for each column. */
function sumWindow(guide: Float32Array, alphas: Uint8Array, x: number, radius: number): number[] {
  const sums = new Array<number>(MOMENTS).fill(0)
  for (let at = Math.max(0, x - radius); at <= Math.min(alphas.length - 1, x + radius); at++) {
    const [r, g, b] = guide.subarray(3 * at, 3 * at + 3)
    const a = alphas[at]
    const products = [r, g, b, a, r * r, r * g, r * b, g * g, g * b, b * b, r * a, g * a, b * a, a * a]
    products.forEach((product, k) => {
      sums[k] += product
    })
  }
  return sums
}

test('writes the sums over their windows into the columns of the spans, and into no other columns', () => {
  const random = createRandom(5)
  const width = 23
  const guide = Float32Array.from({ length: width * 3 }, () => 255 * random())
  const alphas = Uint8Array.from({ length: width }, () => 255 * random())
  const spans = { edges: Int32Array.of(0, 1, 4, 9, 12, 23), count: 3 }
  const sums = new Float32Array(width * MOMENTS).fill(-1)
  sumMoments(guide, alphas, spans, 2, sums)
  for (let x = 0; x < width; x++) {
    const inside = x < 1 || (x >= 4 && x < 9) || x >= 12
    const expected = inside ? sumWindow(guide, alphas, x, 2) : new Array<number>(MOMENTS).fill(-1)
    expected.forEach((sum, k) => {
      // float32 has 24 bits.
      expect(Math.abs(sums[x * MOMENTS + k] - sum)).toBeLessThanOrEqual(Math.abs(sum) * 1e-7)
    })
  }
})
