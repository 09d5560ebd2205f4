import { NobgError } from '../shared/errors.ts'
import type { Matte, Raster } from '../shared/types.ts'

/** An output whose range is below one level of 8-bit alpha counts as flat. */
const FLAT_RANGE = 1 / 255

/**
 * Below this probability the output contains no subject. U²-Net (small) gives mostly below 0.06 for flat colors, gradients,
 * skies and noise, and at least 0.35 for a subject of 1/100 of the picture's width on a bright background.
 */
const LEAST_RESPONSE = 0.1

/** How values become levels: `(value − offset) × scale`, clamped to [0,255]. */
export interface LevelScale {
  offset: number
  scale: number
}

/** Scale for values in [0,1] without stretching. */
const WHOLE_RANGE: LevelScale = { offset: 0, scale: 255 }

/**
 * Converts a network's output to a matte.
 *
 * @param output float32, [height, width].
 * @param meaning The sigmoid is applied to `logits`; a `probability` is only clamped to [0,1].
 * @param stretch Whether the least value becomes 0 and the greatest 1, as the authors of U²-Net and IS-Net do. An output
 *   with a range below 1/255 is only clamped. An output below 0.1 becomes 0: stretching it would turn noise into a subject.
 * @param known A scale from another output to use instead: a part of a picture lacks the extremes of the whole.
 * @returns uint8, [height, width], rounded to the nearest level, and the scale that was used.
 * @throws {NobgError} INFERENCE_FAILED if the output has another length or contains NaN or ±Infinity.
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

  // A clamped array rounds (half to even) and clamps on assignment.
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

/** Returns the least and the greatest value. @throws {NobgError} INFERENCE_FAILED for a wrong length or NaN or ±Infinity */
function findRange(output: Float32Array, width: number, height: number): [number, number] {
  if (output.length !== width * height) {
    throw new NobgError(
      'INFERENCE_FAILED',
      `Expected a matte of ${width}×${height} = ${width * height} values from the model, got ${output.length}.`,
      { hint: 'Check `resolution` and `output` of the model.' },
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
          hint: 'Use float32 weights or another model: a model that computes in float16 can overflow on some CPUs.',
        },
      )
    }
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return [least, greatest]
}

/**
 * Makes alpha binary, in place: 255 if `alpha / 255 >= threshold`, else 0.
 *
 * @param rgba uint8, [height, width, 4].
 * @param threshold In [0,1]; 0 makes all pixels opaque.
 */
export function thresholdAlpha(rgba: Raster, threshold: number): void {
  const { data } = rgba
  for (let i = 3; i < data.length; i += 4) data[i] = data[i] / 255 >= threshold ? 255 : 0
}

/**
 * Returns the alpha channel as a matte: uint8, [height, width].
 *
 * @param rgba uint8, [height, width, 4].
 */
export function extractAlpha(rgba: Raster): Matte {
  const { data, width, height } = rgba
  const alpha = new Uint8Array(width * height)
  for (let to = 0, from = 3; to < alpha.length; to++, from += 4) alpha[to] = data[from]
  return { data: alpha, width, height }
}
