import { describe, expect, test } from 'vitest'
import { blurTwice } from '../../src/matting/box-blur.ts'
import { fuseTiles } from '../../src/matting/fuse.ts'
import type { Matte } from '../../src/shared/types.ts'

const tileSide = 64
const side = 128

/** Draws a square matte from a function of x and y in [0,1] that returns levels. */
function paint(size: number, levelAt: (x: number, y: number) => number): Matte {
  const data = Uint8Array.from({ length: size * size }, (_, i) => {
    return Math.round(levelAt(((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size))
  })
  return { data, width: size, height: size }
}

function cut({ data, width }: Matte, left: number, top: number): Matte {
  const part = Uint8Array.from({ length: tileSide * tileSide }, (_, i) => {
    return data[(top + Math.floor(i / tileSide)) * width + left + (i % tileSide)]
  })
  return { data: part, width: tileSide, height: tileSide }
}

/** Returns the greatest difference between neighbors, along rows and columns. */
function findGreatestStep({ data, width }: Matte): number {
  let greatest = 0
  for (let i = 0; i < data.length; i++) {
    if ((i + 1) % width) greatest = Math.max(greatest, Math.abs(data[i + 1] - data[i]))
    if (i + width < data.length) greatest = Math.max(greatest, Math.abs(data[i + width] - data[i]))
  }
  return greatest
}

/** Fades from transparent to opaque over most of the picture, so nearly all samples are uncertain. */
const slope = (x: number, y: number) => 40 + 150 * x + 20 * y

describe('tiles and a coarse matte', () => {
  test('equal mattes fuse to the same matte within 1 level', () => {
    const fusion = fuseTiles(paint(tileSide, slope), side, tileSide)
    expect(fusion.tiles).toHaveLength(9)
    const whole = paint(side, slope)
    for (const tile of fusion.tiles) fusion.add(tile, cut(whole, tile.left, tile.top))
    const distances = fusion.read().data.map((level, i) => Math.abs(level - whole.data[i]))
    expect(Math.max(...distances)).toBeLessThanOrEqual(1)
  })

  test('adds detail whose mean equals the coarse matte', () => {
    const stripes = paint(side, (x, y) => slope(x, y) + (Math.floor(x * side) % 2 ? 25 : -25))
    const fusion = fuseTiles(paint(tileSide, slope), side, tileSide)
    for (const tile of fusion.tiles) fusion.add(tile, cut(stripes, tile.left, tile.top))
    const distances = fusion.read().data.map((level, i) => Math.abs(level - stripes.data[i]))
    // At the border the window of the mean contains one more stripe of one kind, so the agreement is below 1.
    const inner = distances.filter((_, i) => Math.min(i % side, side - 1 - (i % side)) > 3)
    expect(Math.max(...inner)).toBeLessThanOrEqual(1)
  })

  test('keeps the coarse matte if tiles contradict it', () => {
    const fusion = fuseTiles(
      paint(tileSide, () => 128),
      side,
      tileSide,
    )
    for (const tile of fusion.tiles)
      fusion.add(
        tile,
        paint(tileSide, () => (tile.left === 32 ? 0 : 255)),
      )
    expect(new Set(fusion.read().data)).toEqual(new Set([128]))
  })

  test('leaves no seam between tiles that differ', () => {
    const flat = paint(tileSide, () => 128)
    const fusion = fuseTiles(flat, side, tileSide)
    // Every second tile is much too bright and the others are much too dark, just within the limit of agreement.
    for (const [i, tile] of fusion.tiles.entries())
      fusion.add(
        tile,
        paint(tileSide, () => (i % 2 ? 153 : 103)),
      )
    const fused = fusion.read()
    // 50 levels over an overlap of 32 px. The greatest slope is 1.5 times the mean slope, in both axes at the same place.
    expect(findGreatestStep(fused)).toBeLessThanOrEqual(6)
    expect(Math.max(...fused.data) - Math.min(...fused.data)).toBeGreaterThan(40)
  })

  test('uses only tiles with uncertain samples, and keeps the rest', () => {
    const dot = (x: number, y: number) => {
      return Math.min(255, Math.max(0, (0.005 - Math.hypot(x - 16.5 / 64, y - 16.5 / 64)) * 5000 + 128))
    }
    const fusion = fuseTiles(paint(tileSide, dot), 256, tileSide)
    expect(fusion.tiles).toEqual([{ left: 34, top: 34 }])
    const coarse = fusion.read()
    fusion.add(
      fusion.tiles[0],
      paint(tileSide, () => 77),
    )
    const changed = fusion.read().data.filter((level, i) => level !== coarse.data[i])
    expect(changed.length).toBeLessThan(tileSide * tileSide)
    expect(fusion.read().data[40 * 256 + 66]).toBe(coarse.data[40 * 256 + 66])
  })

  test('enlarges a matte without uncertain samples', () => {
    const fusion = fuseTiles(
      paint(tileSide, () => 255),
      side,
      tileSide,
    )
    expect(fusion.tiles).toEqual([])
    expect(new Set(fusion.read().data)).toEqual(new Set([255]))
  })
})

test('a blur spreads a spike like a tent, and keeps constant values', () => {
  const spike = new Float32Array(81)
  spike[40] = 81
  const rows = blurTwice(spike, 9, 1)
  expect([...rows.slice(36, 45)]).toEqual([0, 0, 3, 6, 9, 6, 3, 0, 0].map(value => expect.closeTo(value, 4)))
  expect([...blurTwice(new Float32Array(35).fill(3), 7, 9)]).toEqual(Array(35).fill(3))
})
