import type { Raster } from '../../../src/shared/types.ts'

type Layer = Float64Array

/**
 * Computes BiRefNet's blur fusion step by step on whole images.
 *
 * @returns Foreground colors: float64, [height, width, 3], whole levels.
 */
export function fusePlainly({ data, width, height }: Raster): Float64Array {
  const image = Float64Array.from(
    { length: width * height * 3 },
    (_, i) => data[4 * Math.floor(i / 3) + (i % 3)] / 255,
  )
  const alpha = Float64Array.from(image, (_, i) => data[4 * Math.floor(i / 3) + 3] / 255)
  const fuse = (foreground: Layer, background: Layer, size: number): [Layer, Layer] => {
    const blurredAlpha = blur(alpha, width, height, size)
    const blurredForeground = blur(multiply(foreground, alpha), width, height, size).map(
      (v, i) => v / (blurredAlpha[i] + 1e-5),
    )
    const rest = blur(
      multiply(
        background,
        alpha.map(a => 1 - a),
      ),
      width,
      height,
      size,
    )
    const blurredBackground = rest.map((v, i) => v / (1 - blurredAlpha[i] + 1e-5))
    const fused = image.map((level, i) => {
      const mixture = alpha[i] * blurredForeground[i] + (1 - alpha[i]) * blurredBackground[i]
      return Math.min(1, Math.max(0, blurredForeground[i] + alpha[i] * (level - mixture)))
    })
    return [fused, blurredBackground]
  }
  const [foreground] = fuse(...fuse(image, image, 90), 6)
  return foreground.map(level => Math.floor(level * 255))
}

function multiply(a: Layer, b: Layer): Layer {
  return a.map((value, i) => value * b[i])
}

/** Computes means over columns x − size/2 … x + size/2 − 1 of the mirrored image, then over rows in the same way. */
function blur(layer: Layer, width: number, height: number, size: number): Layer {
  const along = (from: Layer, index: (i: number, offset: number) => number) => {
    return from.map((_, i) => {
      let sum = 0
      for (let offset = -size / 2; offset < size / 2; offset++) sum += from[index(i, offset)]
      return sum / size
    })
  }
  const columns = along(layer, (i, offset) => {
    const pixel = Math.floor(i / 3)
    const x = pixel % width
    return (pixel - x + mirror(x + offset, width)) * 3 + (i % 3)
  })
  return along(columns, (i, offset) => {
    const row = width * 3
    return mirror(Math.floor(i / row) + offset, height) * row + (i % row)
  })
}

function mirror(index: number, length: number): number {
  if (length === 1) return 0
  if (index < 0) return mirror(-index, length)
  return index < length ? index : mirror(2 * (length - 1) - index, length)
}
