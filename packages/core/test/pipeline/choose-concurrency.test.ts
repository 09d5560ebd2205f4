import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { chooseConcurrency } from '../../src/pipeline/choose-concurrency.ts'
import { resolveConfig } from '../../src/pipeline/config.ts'

const plenty = 64
test.each<[cores: number, freeGb: number, expected: number]>([
  // One picture per core.
  [1, plenty, 1],
  [2, plenty, 2],
  [4, plenty, 4],
  [8, plenty, 8],
  [16, plenty, 16],
  // More pictures gain nothing.
  [64, plenty, 16],
  // 1 GB for all, and 0.5 GB for each picture.
  [8, 9, 8],
  [8, 4.9, 7],
  [8, 2, 2],
  [8, 1.9, 1],
  [8, 0.2, 1],
  [8, 0, 1],
  // No limit is known.
  [8, Number.POSITIVE_INFINITY, 8],
])('%i cores and %f GB: %i', (cores, freeGb, expected) => {
  expect(chooseConcurrency(cores, freeGb * 1e9)).toBe(expected)
})

test('is the default of the config, for this machine', () => {
  const { concurrency } = resolveConfig()
  expect(concurrency).toBeGreaterThanOrEqual(1)
  expect(concurrency).toBeLessThanOrEqual(availableParallelism())
  expect(resolveConfig({ concurrency: 3 }).concurrency).toBe(3)
})
