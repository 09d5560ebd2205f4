/** Weight of the neighbors' colors where alpha is flat. */
const REGULARIZATION = 1e-5
/** Additional weight per unit of difference in alpha. */
const GRADIENT_WEIGHT = 1

/** A row for a sweep: pixels uint32, [width]; colors float32, [width, 6], foreground and background R, G, B. */
export interface SweptRow {
  pixels: Uint32Array
  colors: Float32Array
}

/**
 * Runs one Gauss–Seidel sweep over the columns [from, to) of a row, in place. Sets each pixel's foreground F and
 * background B to the values that minimize (αF + (1−α)B − I)² + Σ w (F − F′)² + w (B − B′)² over the four neighbors F′, B′, with
 * w = regularization + |α − α′|: a 2×2 system per channel with one matrix for all three. Neighbors outside of the frame
 * are the pixel itself. Colors are clamped to [0,255].
 *
 * @see Germer, Uelwer, Conrad, Harmeling: Fast Multi-Level Foreground Estimation, 2020, https://arxiv.org/abs/2006.14970
 */
export function solveSpan(from: number, to: number, row: SweptRow, up: SweptRow, down: SweptRow): void {
  const { pixels, colors } = row
  const { pixels: pixelsUp, colors: colorsUp } = up
  const { pixels: pixelsDown, colors: colorsDown } = down
  const last = pixels.length - 1
  let alphaLeft = readAlpha(pixels[from > 0 ? from - 1 : 0])
  let alpha = readAlpha(pixels[from])
  for (let x = from; x < to; x++) {
    const right = x < last ? x + 1 : last
    const alphaRight = readAlpha(pixels[right])
    const weightLeft = weigh(alpha, alphaLeft)
    const weightRight = weigh(alpha, alphaRight)
    const weightUp = weigh(alpha, readAlpha(pixelsUp[x]))
    const weightDown = weigh(alpha, readAlpha(pixelsDown[x]))
    const weights = weightLeft + weightRight + weightUp + weightDown

    const beta = 1 - alpha
    const ff = alpha * alpha + weights
    const fb = alpha * beta
    const bb = beta * beta + weights
    const inverse = 1 / (ff * bb - fb * fb)

    const pixel = pixels[x]
    const atLeft = (x > 0 ? x - 1 : 0) * 6
    const atRight = right * 6
    const at = x * 6
    for (let channel = 0; channel < 3; channel++) {
      const f = at + channel
      const b = f + 3
      const l = atLeft + channel
      const r = atRight + channel
      const color = (pixel >>> (8 * channel)) & 255
      const sumF =
        alpha * color +
        weightLeft * colors[l] +
        weightRight * colors[r] +
        weightUp * colorsUp[f] +
        weightDown * colorsDown[f]
      const sumB =
        beta * color +
        weightLeft * colors[l + 3] +
        weightRight * colors[r + 3] +
        weightUp * colorsUp[b] +
        weightDown * colorsDown[b]
      colors[f] = clampColor((bb * sumF - fb * sumB) * inverse)
      colors[b] = clampColor((ff * sumB - fb * sumF) * inverse)
    }
    alphaLeft = alpha
    alpha = alphaRight
  }
}

function readAlpha(pixel: number): number {
  return (pixel >>> 24) * (1 / 255)
}

function weigh(alpha: number, neighbor: number): number {
  return REGULARIZATION + GRADIENT_WEIGHT * Math.abs(alpha - neighbor)
}

/** Clamps to [0,255]. */
export function clampColor(color: number): number {
  return Math.min(255, Math.max(0, color))
}
