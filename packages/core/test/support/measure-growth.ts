function time(run: () => unknown, rounds: number): number {
  const started = performance.now()
  for (let round = 0; round < rounds; round++) {
    try {
      run()
    } catch {
      // A refusal counts as an answer.
    }
  }
  return performance.now() - started
}

/**
 * How much longer `read` takes for four times the input: about 4 if it is linear, 16 if it is quadratic. It is the mean of two
 * steps, from `length` to 16 times as much. Of several times the least counts, since other work on the machine can only add to
 * them; so many rounds are timed that even the short input takes 5 ms. Strings from 128 KiB on lie in memory of another kind,
 * which is slow at first: 96 000 letters do not reach it.
 *
 * @param make the input of a length.
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
