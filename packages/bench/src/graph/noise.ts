/**
 * Makes pseudorandom numbers in the range of a normalized picture, the same each time. A graph's cost does not depend on
 * its input.
 *
 * @returns float32, in [−2, 2)
 * @see https://en.wikipedia.org/wiki/Linear_congruential_generator with the constants of Numerical Recipes
 */
export function makeNoise(length: number): Float32Array {
  const noise = new Float32Array(length)
  let state = 1
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    noise[i] = state / 2 ** 30 - 2
  }
  return noise
}
