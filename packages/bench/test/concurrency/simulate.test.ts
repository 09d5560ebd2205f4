import { expect, test } from 'vitest'
import { type Simulation, type StageTimes, simulateBatch } from '../../src/concurrency/simulate.ts'

const even: StageTimes = { beforeMs: 100, inferenceMs: 100, afterMs: 100 }

test.each<[string, StageTimes, Simulation, number, number]>([
  ['one after the other', even, { cores: 1, concurrency: 1, serialShare: 0 }, 4, 4 * 300],
  ['the network on two cores', even, { cores: 2, concurrency: 1, serialShare: 0 }, 4, 4 * 250],
  ['half of the network on two cores', even, { cores: 2, concurrency: 1, serialShare: 0.5 }, 4, 4 * 275],
  ['one core has no gain', even, { cores: 1, concurrency: 8, serialShare: 0 }, 8, 8 * 300],
  // Both pictures decode, then run the network after each other, and the second encodes alone.
  [
    'two cores and no network',
    { ...even, inferenceMs: 1e-3 },
    { cores: 2, concurrency: 2, serialShare: 0 },
    4,
    400,
  ],
  [
    'a long network on many cores',
    { ...even, inferenceMs: 1e5 },
    { cores: 8, concurrency: 2, serialShare: 1 },
    3,
    3e5 + 200,
  ],
])('%s', (_, times, simulation, count, expected) => {
  expect(Math.abs(simulateBatch(times, simulation, count) - expected)).toBeLessThan(1)
})

test('a batch takes at least the time of all its work on all cores', () => {
  for (const cores of [2, 4, 8, 16]) {
    for (const concurrency of [1, 2, 4, 8, 16]) {
      const wallMs = simulateBatch(even, { cores, concurrency, serialShare: 0 }, 64)
      expect(wallMs).toBeGreaterThanOrEqual((64 * 300) / cores - 1e-6)
    }
  }
})
