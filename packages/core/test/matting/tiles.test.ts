import { describe, expect, test } from 'vitest'
import { layTiles } from '../../src/matting/tiles.ts'

describe('tiles along an axis', () => {
  test.each([
    ['a whole axis of twice the tile', 200, 100, 0, 200, [0, 50, 100]],
    ['an axis slightly longer than the tile', 110, 100, 0, 110, [0, 10]],
    ['an axis as long as the tile', 100, 100, 0, 100, [0]],
    ['a part that fits into one tile is in its middle', 1000, 100, 480, 520, [450]],
    ['a part at the start of the axis', 1000, 100, 0, 20, [0]],
    ['a part at the end of the axis', 1000, 100, 990, 1000, [900]],
    ['a longer part gets context around it', 1000, 100, 300, 500, [287, 350, 413]],
  ])('%s', (_, side, tile, from, to, expected) => {
    const { starts } = layTiles(side, tile, from, to)
    expect(starts).toEqual(expected)
  })

  test.each([
    [2048, 1024, 0, 2048],
    [2048, 1024, 300, 1700],
    [594, 320, 11, 590],
    [1103, 320, 0, 1103],
    [330, 320, 0, 330],
  ])(
    'axis of %i px, tiles of %i for %i to %i: weights sum to 1 and fall to 0 inside the axis',
    (side, tile, from, to) => {
      const { starts, weights } = layTiles(side, tile, from, to)
      const sums = new Float64Array(side)
      for (const [i, start] of starts.entries())
        for (const [at, weight] of weights[i].entries()) sums[start + at] += weight
      for (let x = starts[0]; x < starts[starts.length - 1] + tile; x++) expect(sums[x]).toBeCloseTo(1, 6)
      for (const inner of weights.slice(1)) expect(inner[0]).toBeLessThan(1e-3)
      for (const inner of weights.slice(0, -1)) expect(inner[tile - 1]).toBeLessThan(1e-3)
      expect(starts[0]).toBeGreaterThanOrEqual(0)
      expect(starts[starts.length - 1] + tile).toBeLessThanOrEqual(side)
    },
  )
})
