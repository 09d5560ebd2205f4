import { areaOf, type Box, clip, crop, unite } from './box.ts'
import type { Layers } from './layers.ts'
import { type Brush, CORE, snapStroke } from './snap-stroke.ts'
import type { Point } from './stage.ts'
import { hairMargin } from './trace-hair.ts'

/** A stroke that is being painted. */
export interface Stroke {
  /** Continues the stroke to a point, px of the layers. @param pressure of a pen in [0,1]; 1 for others */
  paintTo(x: number, y: number, pressure?: number): void
  /** Ends the stroke. @returns the changed box, and its alpha before and after: uint8, [height, width] */
  finish(): Change | undefined
  /** Takes the stroke back. */
  cancel(): void
}

/** A change of the matte that can be undone. */
export interface Change {
  box: Box
  before: Uint8ClampedArray
  after: Uint8ClampedArray
}

/** While a stroke is painted, it snaps up to this number of px: a larger stroke snaps when it ends. */
const LIVE_PIXELS = 400_000

/** Distance between two stamps of the brush, in radii. */
const SPACING = 0.15

/** Starts a stroke. `onPaint` is called after each change of the layers. */
export function startStroke(layers: Layers, brush: Brush, onPaint: () => void): Stroke {
  const { width, height, alpha } = layers
  const before = alpha.slice()
  /** Effect of the brush: uint8, [height, width]. The overlap of two stamps has the effect of the stronger one. */
  const cover = new Uint8ClampedArray(width * height)
  /** 1 near the middle of the stroke. */
  const core = new Uint8Array(width * height)
  const target = brush.mode === 'restore' ? 255 : 0
  let box: Box = { left: width, top: height, right: 0, bottom: 0 }
  const path: Point[] = []
  const snaps = brush.snap !== 'nothing'
  /** A hair may be farther from the pointer than the brush reaches. */
  const margin = brush.snap === 'hairs' ? hairMargin(brush.radius) : 0

  function paintTo(x: number, y: number, pressure = 1): void {
    const radius = Math.max(0.5, brush.radius * pressure)
    const last = path.at(-1)
    const from = last ?? { x, y }
    const steps = Math.ceil(Math.hypot(x - from.x, y - from.y) / Math.max(0.5, radius * SPACING))
    for (let step = last ? 1 : 0; step <= steps; step++) {
      const share = steps === 0 ? 1 : step / steps
      stamp(from.x + (x - from.x) * share, from.y + (y - from.y) * share, radius)
    }
    path.push({ x, y })
    apply(snaps && areaOf(box) <= LIVE_PIXELS)
    onPaint()
  }

  function around(x: number, y: number, reach: number): Box {
    return clip({ left: x - reach, top: y - reach, right: x + reach + 1, bottom: y + reach + 1 }, layers)
  }

  function stamp(x: number, y: number, radius: number): void {
    const near = around(x, y, radius)
    // A pixel at the rim is covered in part.
    const soft = Math.max(1, radius * (1 - brush.hardness))
    for (let row = near.top; row < near.bottom; row++) {
      for (let column = near.left; column < near.right; column++) {
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y)
        const share = Math.min(1, Math.max(0, (radius - distance) / soft))
        const effect = 255 * share * share * (3 - 2 * share)
        if (effect > cover[row * width + column]) cover[row * width + column] = effect
        if (distance <= Math.max(0.71, CORE * radius)) core[row * width + column] = 1
      }
    }
    box = unite(box, around(x, y, Math.max(radius, margin)))
  }

  function apply(snaps: boolean): void {
    // The stroke has not reached the picture yet.
    if (areaOf(box) === 0) return
    const effect = snaps ? snapStroke(layers, { cover, core, path, box, brush }) : crop(cover, width, box)
    for (let y = box.top, at = 0; y < box.bottom; y++) {
      for (let i = y * width + box.left; i < y * width + box.right; i++, at++) {
        alpha[i] = before[i] + ((target - before[i]) * effect[at]) / 255
      }
    }
    layers.repaint(box)
  }

  return {
    paintTo,
    finish() {
      if (areaOf(box) <= 0) return undefined
      if (snaps) apply(true)
      onPaint()
      const change = { box, before: crop(before, width, box), after: crop(alpha, width, box) }
      return change.before.every((level, i) => level === change.after[i]) ? undefined : change
    },
    cancel() {
      alpha.set(before)
      layers.repaint(box)
      onPaint()
    },
  }
}
