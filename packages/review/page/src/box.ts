/** A rectangle in px of the layers; `right` and `bottom` are exclusive. */
export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** Copies a box of an array: uint8, [height, width]. */
export function crop<Data extends Uint8Array | Uint8ClampedArray>(data: Data, width: number, box: Box): Data {
  const boxWidth = box.right - box.left
  const part = data.slice(0, areaOf(box)) as Data
  for (let y = box.top, to = 0; y < box.bottom; y++, to += boxWidth) {
    part.set(data.subarray(y * width + box.left, y * width + box.right), to)
  }
  return part
}

/** Number of pixels of a box. */
export function areaOf({ left, top, right, bottom }: Box): number {
  return right > left && bottom > top ? (right - left) * (bottom - top) : 0
}

/** The least box that holds both. */
export function unite(one: Box, other: Box): Box {
  if (areaOf(other) === 0) return one
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  }
}

/** The whole pixels of a box that lie in a picture. */
export function clip(
  { left, top, right, bottom }: Box,
  { width, height }: { width: number; height: number },
): Box {
  return {
    left: Math.max(0, Math.floor(left)),
    top: Math.max(0, Math.floor(top)),
    right: Math.min(width, Math.ceil(right)),
    bottom: Math.min(height, Math.ceil(bottom)),
  }
}
