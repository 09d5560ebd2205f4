import type { Raster, Rectangle } from '../shared/types.ts'

/**
 * Least alpha of a subject (5 %). Lower alpha is haze that models leave over the background. An image has a subject if at
 * least one pixel of its cutout has this alpha.
 */
export const LEAST_ALPHA = 13

/**
 * Returns the smallest rectangle that contains all pixels of alpha ≥ 13/255 (5 %), grown by a margin and clamped to the
 * frame.
 *
 * @param rgba uint8, [height, width, 4].
 * @param marginPx at least 0, added on each side, rounded
 * @returns `undefined` if the image has no subject
 */
export function findSubjectBounds(rgba: Raster, marginPx: number): Rectangle | undefined {
  const { width, height } = rgba
  const top = findRow(rgba, 0, height, 1)
  if (top === undefined) return undefined
  const bottom = findRow(rgba, height - 1, -1, -1) as number

  let left = width
  let right = -1
  for (let y = top; y <= bottom; y++) {
    const row = y * width
    for (let x = 0; x < left; x++) if (isSubject(rgba, row + x)) left = x
    for (let x = width - 1; x > right; x--) if (isSubject(rgba, row + x)) right = x
  }
  return growRectangle(
    { left, top, width: right - left + 1, height: bottom - top + 1 },
    marginPx,
    width,
    height,
  )
}

/** Whether the image has a subject; if so, `findSubjectBounds` returns a rectangle. */
export function hasSubject(rgba: Raster): boolean {
  return findRow(rgba, 0, rgba.height, 1) !== undefined
}

/** Crops a raster to a rectangle within its frame. Returns a new raster with the same channels. */
export function cropRaster(raster: Raster, rectangle: Rectangle): Raster {
  const { channels } = raster
  const { left, top, width, height } = rectangle
  const data = new Uint8Array(width * height * channels)
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * raster.width + left) * channels
    data.set(raster.data.subarray(from, from + width * channels), y * width * channels)
  }
  return { data, width, height, channels }
}

/** Returns the first row from `from` to before `to` that contains a pixel of the subject. */
function findRow(rgba: Raster, from: number, to: number, step: 1 | -1): number | undefined {
  for (let y = from; y !== to; y += step) {
    const end = (y + 1) * rgba.width
    for (let pixel = end - rgba.width; pixel < end; pixel++) if (isSubject(rgba, pixel)) return y
  }
  return undefined
}

function isSubject(rgba: Raster, pixel: number): boolean {
  return rgba.data[pixel * 4 + 3] >= LEAST_ALPHA
}

/** Grows a rectangle by a margin on each side and clamps it to a frame of width × height px. */
export function growRectangle(inner: Rectangle, marginPx: number, width: number, height: number): Rectangle {
  const margin = Math.round(marginPx)
  const left = Math.max(0, inner.left - margin)
  const top = Math.max(0, inner.top - margin)
  return {
    left,
    top,
    width: Math.min(width, inner.left + inner.width + margin) - left,
    height: Math.min(height, inner.top + inner.height + margin) - top,
  }
}
