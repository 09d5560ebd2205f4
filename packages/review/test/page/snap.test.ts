import { expect, test } from 'vitest'
import { type SnapInput, snapToEdges } from '../../page/src/snap.ts'

const [width, height] = [80, 60]

/** A stroke of radius 20 around the middle, over a photograph whose right part begins at a column. */
function paint(edge: number, left: number, right: number): SnapInput {
  const colors = new Uint8Array(width * height * 4)
  const effect = new Uint8ClampedArray(width * height)
  const core = new Uint8Array(width * height)
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)]
    // Noise of 4 levels, the same in each run.
    const noise = ((x * 31 + y * 17) % 9) - 4
    colors.fill((x < edge ? left : right) + noise, 4 * i, 4 * i + 3)
    colors[4 * i + 3] = 255
    const distance = Math.hypot(x - 40, y - 30)
    effect[i] = distance <= 20 ? 255 : 0
    core[i] = distance <= 8 ? 1 : 0
  }
  return { colors, effect, core, width, height, reach: 12 }
}

const at = (effect: Uint8ClampedArray, x: number, y = 30) => effect[y * width + x]

test('without an edge, the whole stroke keeps its effect', () => {
  const snapped = snapToEdges(paint(width, 120, 120))
  expect([at(snapped, 40), at(snapped, 24), at(snapped, 55)]).toEqual([255, 255, 255])
  expect([at(snapped, 12), at(snapped, 68)]).toEqual([0, 0])
})

test.each([
  [200, 60],
  [60, 200],
  [150, 90],
])('a stroke on %i stops at %i', (left, right) => {
  const snapped = snapToEdges(paint(52, left, right))
  expect(at(snapped, 49)).toBeGreaterThan(230)
  expect(at(snapped, 55)).toBeLessThan(25)
  // The other side is not cut.
  expect(at(snapped, 24)).toBeGreaterThan(230)
})

test('a photograph that becomes brighter slowly does not stop a stroke', () => {
  const input = paint(width, 120, 120)
  for (let i = 0; i < width * height; i++) input.colors.fill(100 + (i % width) * 0.5, 4 * i, 4 * i + 3)
  expect(at(snapToEdges(input), 55)).toBeGreaterThan(230)
})

test('an edge that the middle of the stroke crosses stops nothing on both sides', () => {
  const snapped = snapToEdges(paint(40, 200, 60))
  expect(at(snapped, 25)).toBeGreaterThan(230)
  expect(at(snapped, 55)).toBeGreaterThan(230)
})
