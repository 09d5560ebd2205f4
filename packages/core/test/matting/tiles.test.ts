import { describe, expect, test } from 'vitest'
import { layTiles } from '../../src/matting/tiles.ts'

describe('tiles along an axis', () => {
  test.each([
    ['a whole axis of twice the tile', 200, 100, 0, 200, [0, 50, 100]],
    ['a tile more than half as long again', 110, 100, 0, 110, [0, 10]],
    ['the tile itself', 100, 100, 0, 100, [0]],
    ['what fits into one tile lies in its middle', 1000, 100, 480, 520, [450]],
    ['but for the frame', 1000, 100, 0, 20, [0]],
    ['and its other end', 1000, 100, 990, 1000, [900]],
    ['some context around a part', 1000, 100, 300, 500, [287, 350, 413]],
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
    'of %i px, tiles of %i for %i to %i: weights add up to 1, and fade out inside the frame',
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
