import type { Raster } from '../../../src/shared/types.ts'

/**
 * Computes the multi-level method as in the paper: whole levels in memory, one sweep after the other, all pixels.
 *
 * @param sizes The levels' widths and heights, coarsest first.
 * @returns Foreground colors: float64, [height, width, 3], in [0,255].
 */
export function solvePlainly(rgba: Raster, sizes: [number, number][]): Float64Array {
  let coarser = { width: 1, height: 1, layers: [averageColors(rgba, 230, 255), averageColors(rgba, 0, 25)] }
  for (const [width, height] of sizes) {
    const at = (x: number, y: number) => {
      return 4 * (Math.floor((y * rgba.height) / height) * rgba.width + Math.floor((x * rgba.width) / width))
    }
    const layers = coarser.layers.map(layer => {
      return Float64Array.from({ length: width * height * 3 }, (_, i) => {
        const x = Math.floor((Math.floor(i / 3) % width) * (coarser.width / width) + 1e-9)
        const y = Math.floor(Math.floor(i / 3 / width) * (coarser.height / height) + 1e-9)
        return layer[(y * coarser.width + x) * 3 + (i % 3)]
      })
    })
    const sweeps = width <= 32 && height <= 32 ? 10 : 2
    for (let sweep = 0; sweep < sweeps; sweep++) {
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) solvePixel(x, y)
    }
    coarser = { width, height, layers }

    function solvePixel(x: number, y: number): void {
      const [foreground, background] = layers
      const alpha = rgba.data[at(x, y) + 3] / 255
      const neighbors = [
        [x - 1, y],
        [x + 1, y],
        [x, y - 1],
        [x, y + 1],
      ].map(([column, row]) => {
        const [nearX, nearY] = [
          Math.min(Math.max(column, 0), width - 1),
          Math.min(Math.max(row, 0), height - 1),
        ]
        const weight = 1e-5 + Math.abs(alpha - rgba.data[at(nearX, nearY) + 3] / 255)
        return { index: 3 * (nearY * width + nearX), weight }
      })
      const weights = neighbors.reduce((sum, { weight }) => sum + weight, 0)
      const [a, b, d] = [alpha ** 2 + weights, alpha * (1 - alpha), (1 - alpha) ** 2 + weights]
      for (let channel = 0; channel < 3; channel++) {
        const color = rgba.data[at(x, y) + channel]
        const pull = (layer: Float64Array) => {
          return neighbors.reduce((sum, { index, weight }) => sum + weight * layer[index + channel], 0)
        }
        const [e, f] = [alpha * color + pull(foreground), (1 - alpha) * color + pull(background)]
        const index = 3 * (y * width + x) + channel
        foreground[index] = Math.min(255, Math.max(0, (d * e - b * f) / (a * d - b * b)))
        background[index] = Math.min(255, Math.max(0, (a * f - b * e) / (a * d - b * b)))
      }
    }
  }
  return coarser.layers[0]
}

/** Mean color of the pixels whose alpha lies within [least, most]. */
function averageColors({ data }: Raster, least: number, most: number): Float64Array {
  const sums = new Float64Array(3)
  let count = 0
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < least || data[i + 3] > most) continue
    count++
    for (let channel = 0; channel < 3; channel++) sums[channel] += data[i + channel]
  }
  return sums.map(sum => sum / Math.max(1, count))
}
