import type { Raster } from '../shared/types.ts'

/** Normalization of a model's input: per channel R, G, B, for values in [0,1]. */
export interface Normalization {
  mean: readonly [number, number, number]
  std: readonly [number, number, number]
}

/**
 * Converts a raster to the network's input: `(x / 255 − mean) / std` per channel.
 *
 * @param rgb uint8, [height, width, 3], at the operating resolution. A fourth channel is ignored.
 * @returns float32, [1, 3, height, width], channel order R, G, B.
 */
export function createInputTensor(rgb: Raster, { mean, std }: Normalization): Float32Array {
  const { data, channels } = rgb
  const plane = rgb.width * rgb.height
  const tensor = new Float32Array(3 * plane)
  for (let channel = 0; channel < 3; channel++) {
    const levels = normalizeLevels(mean[channel], std[channel])
    const end = (channel + 1) * plane
    for (let to = channel * plane, from = channel; to < end; to++, from += channels)
      tensor[to] = levels[data[from]]
  }
  return tensor
}

/** Precomputes the 256 possible values of one channel, float32, [256], to avoid a division per pixel. */
function normalizeLevels(mean: number, std: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, level) => (level / 255 - mean) / std)
}
