/** A growth up to which no more calls are measured: 4 is linear, 16 quadratic. */
const CLEARLY_LINEAR = 8

/** Returns the least wall-clock time of one call in ms: of all calls in 20 ms, and of at least three calls. */
function leastTime(run: () => unknown): number {
  const end = performance.now() + 20
  let least = Number.POSITIVE_INFINITY
  for (let calls = 0; calls < 3 || performance.now() < end; calls++) {
    const started = performance.now()
    try {
      run()
    } catch {
      // An error counts as a result.
    }
    least = Math.min(least, performance.now() - started)
  }
  return least
}

/**
 * Returns the growth of the time of `read` for an input of four times the length: about 4 if the time is linear, 16 if it is
 * quadratic. The value is the geometric mean of two steps, from `length` to 16 × `length`. The least time of many single calls
 * counts, because other load on the machine and garbage collection can only add time, and a short call is often not interrupted.
 * Strings above 128 KiB are in another kind of memory, which is slow at first; 96 000 letters are below that.
 *
 * @param make returns an input of a length
 */
export function measureGrowth<Input>(
  make: (length: number) => Input,
  read: (input: Input) => unknown,
  length = 6000,
): number {
  const inputs = [make(length), make(16 * length)]
  const leasts = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  const growth = () => Math.sqrt(leasts[1] / leasts[0])
  // Under load more calls are needed until one is not interrupted.
  for (let repeat = 0; repeat < 5 || (repeat < 40 && growth() > CLEARLY_LINEAR); repeat++)
    for (const [index, input] of inputs.entries())
      leasts[index] = Math.min(
        leasts[index],
        leastTime(() => read(input)),
      )
  return growth()
}
