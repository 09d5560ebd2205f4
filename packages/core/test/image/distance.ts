/** Returns the mean and the greatest absolute difference between two arrays of samples, in levels. */
export function measureDistance(a: ArrayLike<number>, b: ArrayLike<number>): { mean: number; max: number } {
  if (a.length !== b.length) throw new Error(`expected arrays of one length, got ${a.length} and ${b.length}`)
  let sum = 0
  let max = 0
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i])
    sum += difference
    max = Math.max(max, difference)
  }
  return { mean: sum / a.length, max }
}
