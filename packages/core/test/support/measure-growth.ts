function time(run: () => unknown, rounds: number): number {
  const started = performance.now()
  for (let round = 0; round < rounds; round++) {
    try {
      run()
    } catch {
      // An error counts as a result.
    }
  }
  return performance.now() - started
}

/**
 * Returns the growth of the time of `read` for an input of four times the length: about 4 if the time is linear, 16 if it is
 * quadratic. The value is the geometric mean of two steps, from `length` to 16 × `length`. The least of several times counts,
 * because other load on the machine can only add time. Each time covers enough rounds that the short input takes 5 ms. Strings
 * above 128 KiB are in another kind of memory, which is slow at first; 96 000 letters are below that.
 *
 * @param make returns an input of a length
 */
export function measureGrowth<Input>(
  make: (length: number) => Input,
  read: (input: Input) => unknown,
  length = 6000,
): number {
  const inputs = [make(length), make(16 * length)]
  let rounds = 1
  while (time(() => read(inputs[0]), rounds) < 5) rounds *= 2
  const leasts = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let repeat = 0; repeat < 5; repeat++)
    for (const [index, input] of inputs.entries())
      leasts[index] = Math.min(
        leasts[index],
        time(() => read(input), rounds),
      )
  return Math.sqrt(leasts[1] / leasts[0])
}
