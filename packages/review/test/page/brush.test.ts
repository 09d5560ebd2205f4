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
