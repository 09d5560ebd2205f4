import type { Raster } from '../../shared/types.ts'

/**
 * An RGBA raster read as whole pixels: uint32, [height × width], alpha in the highest byte and red in the lowest
 * (every platform that Node and ONNX Runtime are built for is little-endian).
 */
export interface Frame {
  pixels: Uint32Array
  /** px */
  width: number
  /** px */
  height: number
}

/**
 * A frame over the raster's own memory: what is written to one is in the other.
 *
 * @param rgba uint8, [height, width, 4], beginning at a multiple of four bytes (see `alignRaster`).
 */
export function viewFrame({ data, width, height }: Raster): Frame {
  return { pixels: new Uint32Array(data.buffer, data.byteOffset, width * height), width, height }
}

/** The raster itself, or a copy of it where its bytes begin (as slices of Node's Buffer pool do) between two words. */
export function alignRaster(rgba: Raster): Raster {
  return rgba.data.byteOffset % 4 === 0 ? rgba : { ...rgba, data: new Uint8Array(rgba.data) }
}

/** Whether alpha is neither 0 nor 255: such pixels alone need their color unmixed. */
export function isFractional(pixel: number): boolean {
  // Alpha sits in the top byte: one more of it wraps 255 to 0 and takes 0 to 1, below which nothing else comes to lie.
  return (pixel + 0x01000000) >>> 0 >= 0x02000000
}
