import { expect, test } from 'vitest'
import { chooseWork } from '../src/choose-work.ts'

test.each([
  [
    undefined,
    false,
    { models: 2, sizes: [1, 4, 12, 24], entrants: 6, cache: true, batches: 3, refinement: true },
  ],
  [undefined, true, { models: 2, sizes: [1, 4], entrants: 4, cache: true, batches: 1, refinement: true }],
  ['isnet', true, { models: 1, sizes: [1, 4], entrants: 4, cache: false, batches: 0, refinement: false }],
  [
    '24mp,nobg,imgly',
    true,
    { models: 2, sizes: [24], entrants: 2, cache: false, batches: 0, refinement: false },
  ],
  [
    'u2netp,cache',
    false,
    { models: 1, sizes: [1, 4, 12, 24], entrants: 6, cache: true, batches: 0, refinement: false },
  ],
  [
    'batch,nobg',
    false,
    { models: 2, sizes: [1, 4, 12, 24], entrants: 1, cache: false, batches: 3, refinement: false },
  ],
  ['batch', true, { models: 0, sizes: [1, 4], entrants: 4, cache: false, batches: 1, refinement: false }],
  [
    'cache,batch',
    false,
    { models: 0, sizes: [1, 4, 12, 24], entrants: 6, cache: true, batches: 3, refinement: false },
  ],
  [
    'refinement',
    false,
    { models: 0, sizes: [1, 4, 12, 24], entrants: 6, cache: false, batches: 0, refinement: true },
  ],
  [
    'cache',
    false,
    { models: 0, sizes: [1, 4, 12, 24], entrants: 6, cache: true, batches: 0, refinement: false },
  ],
])('--only %s with --quick %s', (only, quick, { models, sizes, entrants, cache, batches, refinement }) => {
  const work = chooseWork(only, quick)
  expect(work.models).toHaveLength(models)
  expect(work.sizes).toEqual(sizes)
  expect(work.entrants).toHaveLength(entrants)
  expect(work.cache).toBe(cache)
  expect(work.refinement).toBe(refinement)
  expect(work.batches).toHaveLength(batches)
})

test('the error for an unknown word lists the known words', () => {
  expect(() => chooseWork('3mp', false)).toThrow(/expected words of u2netp, isnet, 1mp.*got '3mp'/)
})
