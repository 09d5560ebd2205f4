/** Fixed-point fraction of one bilinear weight. Two of them and eight bits of alpha stay below 2^31. */
export const WEIGHT_BITS = 11

/** Where each target sample lies between two source samples. */
export interface Taps {
  /** int32, [size]: index of the sample before; the one after is `first + 1`. */
  first: Int32Array
  /** int32, [size]: weight of the sample after, in 1/2048. */
  weight: Int32Array
}

/** Bilinear taps with half-pixel centers, clamped to the samples there are. */
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
