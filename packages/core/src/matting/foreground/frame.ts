import type { Raster } from '../../shared/types.ts'

/**
 * An RGBA raster as whole pixels: uint32, [height × width], alpha in the highest byte and red in the lowest (all platforms
 * of Node and ONNX Runtime are little-endian).
 */
export interface Frame {
  pixels: Uint32Array
  /** px */
  width: number
  /** px */
  height: number
}

/**
 * Returns a frame on the raster's memory: a write to one changes the other.
 *
 * @param rgba uint8, [height, width, 4], beginning at a multiple of four bytes (see `alignRaster`).
 */
export function viewFrame({ data, width, height }: Raster): Frame {
  return { pixels: new Uint32Array(data.buffer, data.byteOffset, width * height), width, height }
}

/** Returns the raster, or a copy if its bytes are not aligned to 4, as with slices of Node's Buffer pool. */
export function alignRaster(rgba: Raster): Raster {
  return rgba.data.byteOffset % 4 === 0 ? rgba : { ...rgba, data: new Uint8Array(rgba.data) }
}

/** Whether alpha is neither 0 nor 255: only such pixels need foreground estimation. */
export function isFractional(pixel: number): boolean {
  // Alpha is the top byte. Adding 1 to it wraps 255 to 0 and turns 0 into 1; all other alphas become at least 2.
  return (pixel + 0x01000000) >>> 0 >= 0x02000000
}
