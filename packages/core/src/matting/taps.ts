/** Fraction bits of a fixed-point bilinear weight. Two weights and 8 bits of alpha stay below 2^31. */
export const WEIGHT_BITS = 11

/** Position of each target sample between two source samples. */
export interface Taps {
  /** int32, [size]: index of the sample before; the sample after is at `first + 1`. */
  first: Int32Array
  /** int32, [size]: weight of the sample after, in 1/2048. */
  weight: Int32Array
}

/** Creates bilinear taps with half-pixel centers, clamped to the existing samples. */
export function createTaps(samples: number, size: number): Taps {
  const first = new Int32Array(size)
  const weight = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    const position = Math.min(Math.max(((i + 0.5) * samples) / size - 0.5, 0), samples - 1)
    first[i] = Math.floor(position)
    weight[i] = Math.round((position - first[i]) * (1 << WEIGHT_BITS))
  }
  return { first, weight }
}
