import { NobgError } from '../shared/errors.ts'
import type { Matte, Raster } from '../shared/types.ts'

/** Below one step of 8-bit alpha a difference between the least and the greatest output shows nothing. */
const FLAT_RANGE = 1 / 255

/**
 * A network that names nothing with at least this probability sees no subject. U²-Net (small) answers flat colors, gradients,
 * skies and noise mostly below 0.06, and a subject of 1/100 of the picture's width on a light background with 0.35 and more.
 */
const LEAST_RESPONSE = 0.1

/** How values become levels: `(value − offset) × scale`, clamped to [0,255]. */
export interface LevelScale {
  offset: number
  scale: number
}

/** The values as they are. */
const WHOLE_RANGE: LevelScale = { offset: 0, scale: 255 }

/**
 * Turns a network's raw output into a matte.
 *
 * @param output float32, [height, width].
 * @param meaning `logits` go through the sigmoid, a `probability` is taken as it is; both are clamped to [0,1].
 * @param stretch Whether the least value becomes 0 and the greatest 1, as the authors of U²-Net and IS-Net do it. An
 *   output whose values all lie within 1/255 of one another is only clamped, and one that stays below 0.1 becomes 0 all
 *   over: to stretch it would make a subject of noise.
 * @param known The scale to use instead, of another output: a part of a picture holds neither its least nor its greatest value.
 * @returns uint8, [height, width], rounded to the nearest level, and the scale that was used.
 * @throws {NobgError} INFERENCE_FAILED when the output has another length or holds NaN or ±Infinity.
 */
export function readMatte(
  output: Float32Array,
  width: number,
  height: number,
  meaning: 'logits' | 'probability',
  stretch: boolean,
  known?: LevelScale,
): Matte & { levels: LevelScale } {
  const [least, greatest] = findRange(output, width, height)
  const decode = meaning === 'logits' ? applySigmoid : (value: number) => value
  const levels = known ?? (stretch ? chooseLevels(decode(least), decode(greatest)) : WHOLE_RANGE)
  const { offset, scale } = levels

  // A clamped array rounds and clamps on assignment; half goes to even there, which is as near as half up.
  const data = new Uint8ClampedArray(output.length)
  for (let i = 0; i < output.length; i++) data[i] = (decode(output[i]) - offset) * scale
  return { data: new Uint8Array(data.buffer), width, height, levels }
}

function chooseLevels(least: number, greatest: number): LevelScale {
  if (greatest < LEAST_RESPONSE) return { offset: greatest, scale: 255 }
  const range = greatest - least
  return range > FLAT_RANGE ? { offset: least, scale: 255 / range } : WHOLE_RANGE
}

function applySigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit))
}

/** Least and greatest value, and on the way the proof that all values are finite. */
function findRange(output: Float32Array, width: number, height: number): [number, number] {
  if (output.length !== width * height) {
    throw new NobgError(
      'INFERENCE_FAILED',
      `Expected a matte of ${width}×${height} = ${width * height} values from the model, got ${output.length}.`,
      { hint: 'Check the operating resolution and the output name in the description of the model.' },
    )
  }
  let least = Number.POSITIVE_INFINITY
  let greatest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < output.length; i++) {
    const value = output[i]
    if (!Number.isFinite(value)) {
      throw new NobgError(
        'INFERENCE_FAILED',
        `Expected finite values from the model, got ${value} at ${i % width},${Math.floor(i / width)}.`,
        {
          hint: 'Half-precision weights overflow on some processors: try the fp32 weights, or another model.',
        },
      )
    }
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return [least, greatest]
}

/**
 * Makes alpha binary, in place: `alpha / 255 >= threshold` becomes 255, all else 0.
 *
 * @param rgba uint8, [height, width, 4].
 * @param threshold In [0,1]. At 0 everything becomes opaque.
 */
export function thresholdAlpha(rgba: Raster, threshold: number): void {
  const { data } = rgba
  for (let i = 3; i < data.length; i += 4) data[i] = data[i] / 255 >= threshold ? 255 : 0
}

/**
 * The alpha channel as a matte of the raster's own size: uint8, [height, width].
 *
 * @param rgba uint8, [height, width, 4].
 */
export function extractAlpha(rgba: Raster): Matte {
  const { data, width, height } = rgba
  const alpha = new Uint8Array(width * height)
  for (let to = 0, from = 3; to < alpha.length; to++, from += 4) alpha[to] = data[from]
  return { data: alpha, width, height }
}
