import { areaOf, type Box } from './box.ts'
import type { Hair } from './trace-hair.ts'

/** Draws a hair as the effect of a stroke within a box: uint8, [height, width]. */
export function drawHair({ points, clearness, halfWidth }: Hair, box: Box): Uint8ClampedArray {
  const effect = new Uint8ClampedArray(areaOf(box))
  const width = box.right - box.left
  const reach = halfWidth + 0.5
  for (const [i, { x, y }] of points.entries()) {
    const last = {
      x: Math.min(box.right - 1, Math.floor(x + reach)),
      y: Math.min(box.bottom - 1, Math.floor(y + reach)),
    }
    for (let row = Math.max(box.top, Math.floor(y - reach)); row <= last.y; row++) {
      for (let column = Math.max(box.left, Math.floor(x - reach)); column <= last.x; column++) {
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y)
        const level = 255 * clearness[i] * Math.min(1, Math.max(0, reach - distance))
        const at = (row - box.top) * width + column - box.left
        if (level > effect[at]) effect[at] = level
      }
    }
  }
  return effect
}
