/** Fraction bits of a fixed-point bilinear weight. Two weights and 8 bits of a sample stay below 2^31. */
export const WEIGHT_BITS = 11

/** Position of each target sample between two source samples. */
export interface Taps {
  /** int32, [size]: index of the sample before; the sample after is at `first + 1`. */
  first: Int32Array
  /** int32, [size]: weight of the sample after, in 1/2048, or in 1/2^`weightBits`; 0 if there is no sample after. */
  weight: Int32Array
}

/** Creates bilinear taps with half-pixel centers, clamped to the existing samples. */
export function createTaps(samples: number, size: number, weightBits = WEIGHT_BITS): Taps {
  const first = new Int32Array(size)
  const weight = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    const position = placeSample(i, samples, size)
    first[i] = Math.floor(position)
    weight[i] = Math.round((position - first[i]) * (1 << weightBits))
  }
  return { first, weight }
}

/**
 * Position of target sample `i` of `size` between `samples` source samples: half-pixel centers, as Pillow, OpenCV and
 * PyTorch do, clamped to the existing samples.
 *
 * @returns [0, samples − 1]
 */
export function placeSample(i: number, samples: number, size: number): number {
  return Math.min(Math.max(((i + 0.5) * samples) / size - 0.5, 0), samples - 1)
}
