import { expect, test } from 'vitest'
import { startStroke } from '../../page/src/brush.ts'
import type { Layers } from '../../page/src/layers.ts'

const [width, height] = [40, 30]

test.each(['edges', 'hairs', 'nothing'] as const)(
  'a stroke that begins outside of the picture paints when it enters (snap to %s)',
  snap => {
    const layers = {
      width,
      height,
      colors: new Uint8ClampedArray(width * height * 4).fill(128),
      alpha: new Uint8ClampedArray(width * height).fill(255),
      repaint() {},
    } as Partial<Layers> as Layers
    const stroke = startStroke(layers, { mode: 'erase', radius: 4, hardness: 1, snap }, () => {})
    stroke.paintTo(-100, 15)
    stroke.paintTo(-60, 15)
    expect(layers.alpha.every(value => value === 255)).toBe(true)
    stroke.paintTo(20, 15)
    expect(layers.alpha[15 * width + 10]).toBeLessThan(200)
  },
)

test.each([
  [0.5, 14],
  [0.5, 17],
  [1, 17],
  [2, 17.5],
  [5, 20.5],
])('a brush of radius %f px at y = %f changes the hair beside which it moves', (radius, y) => {
  const colors = new Uint8ClampedArray(width * height * 4).fill(100)
  for (let x = 0; x < width; x++) colors.fill(200, 4 * (15 * width + x), 4 * (15 * width + x) + 3)
  const alpha = new Uint8ClampedArray(width * height).fill(255)
  const layers = { width, height, colors, alpha, repaint() {} } as Partial<Layers> as Layers
  const stroke = startStroke(layers, { mode: 'erase', radius, hardness: 1, snap: 'hairs' }, () => {})
  // The middle of the hair is at y = 15.5.
  stroke.paintTo(2, y)
  stroke.paintTo(38, y)
  const change = stroke.finish()
  expect(change).toBeDefined()
  for (let x = 10; x < 30; x++) expect(alpha[15 * width + x]).toBeLessThan(150)
  expect(alpha[12 * width + 20]).toBe(255)
  expect(alpha[18 * width + 20]).toBe(255)
  const { left, top, right, bottom } = change!.box
  const outside = alpha.filter((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    return x < left || x >= right || y < top || y >= bottom
  })
  expect(outside.every(level => level === 255)).toBe(true)
})
