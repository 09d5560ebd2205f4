import { areaOf, type Box, crop } from './box.ts'
import { drawHair } from './draw-hair.ts'
import type { Layers } from './layers.ts'
import { snapToEdges } from './snap.ts'
import type { Point } from './stage.ts'
import { traceHair } from './trace-hair.ts'

/** How a stroke changes the matte. */
export interface Brush {
  mode: 'erase' | 'restore'
  /** px of the layers */
  radius: number
  /** Share of the radius with full effect, in [0,1]. */
  hardness: number
  /** The stroke ends at the edges of objects in the photograph, or changes only the hair that it follows. */
  snap: 'edges' | 'hairs' | 'nothing'
}

/** Share of the radius that a stroke which snaps to edges always changes. */
export const CORE = 0.4

/** A stroke over the layers. */
export interface PaintedStroke {
  /** Effect of the brush: uint8, [height, width] of the layers. */
  cover: Uint8ClampedArray
  /** 1 near the middle of the stroke: uint8, [height, width] of the layers. */
  core: Uint8Array
  /** The positions of the pointer. */
  path: readonly Point[]
  /** Where the stroke is. */
  box: Box
  brush: Brush
}

/**
 * Returns the effect of a stroke within its box, after the stroke has snapped: uint8, [height, width]. A stroke that follows
 * no hair snaps to edges.
 */
export function snapStroke(
  layers: Layers,
  { cover, core, path, box, brush }: PaintedStroke,
): Uint8ClampedArray {
  const hair = brush.snap === 'hairs' && traceHair(layers, path, brush.radius)
  if (hair) return drawHair(hair, box)
  const { width } = layers
  return snapToEdges({
    colors: cropColors(layers, box),
    effect: crop(cover, width, box),
    core: crop(core, width, box),
    width: box.right - box.left,
    height: box.bottom - box.top,
    reach: brush.radius * (1 - CORE),
  })
}

/** The photograph in a box: uint8, [height, width, 4]. */
function cropColors({ width, colors }: Layers, box: Box): Uint8Array {
  const boxWidth = box.right - box.left
  const part = new Uint8Array(areaOf(box) * 4)
  for (let y = box.top, to = 0; y < box.bottom; y++, to += 4 * boxWidth) {
    const from = 4 * (y * width + box.left)
    part.set(colors.subarray(from, from + 4 * boxWidth), to)
  }
  return part
}
