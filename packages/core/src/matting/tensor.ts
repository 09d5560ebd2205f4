import type { Raster } from '../shared/types.ts'

/** What a model was trained on: per channel R, G, B, in units of [0,1]. */
export interface Normalization {
  mean: readonly [number, number, number]
  std: readonly [number, number, number]
}

/**
 * Writes a raster as the network's input: `(x / 255 − mean) / std` per channel.
 *
 * @param rgb uint8, [height, width, 3], already at the operating resolution. A fourth channel is skipped over.
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

/** All 256 answers for one channel: float32, [256]. A byte has no more, so no pixel needs a division. */
function normalizeLevels(mean: number, std: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, level) => (level / 255 - mean) / std)
}
