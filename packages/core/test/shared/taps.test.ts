import { expect, test } from 'vitest'
import { createTaps, placeSample } from '../../src/shared/taps.ts'

test.each([
  ['enlarged', 2, 4, [0, 0, 0, 1], [0, 0.25, 0.75, 0]],
  ['unchanged', 3, 3, [0, 1, 2], [0, 0, 0]],
  ['reduced', 4, 2, [0, 2], [0.5, 0.5]],
  ['of one sample', 1, 3, [0, 0, 0], [0, 0, 0]],
])('a side that is %s has half-pixel centers within its samples', (_, samples, size, first, weight) => {
  for (const bits of [10, 11]) {
    const taps = createTaps(samples, size, bits)
    expect([...taps.first]).toEqual(first)
    expect([...taps.weight].map(value => value / 2 ** bits)).toEqual(weight)
  }
})

test('a sample lies in the middle of its pixel', () => {
  expect([0, 1, 2, 3].map(i => placeSample(i, 2, 4))).toEqual([0, 0.25, 0.75, 1])
})
