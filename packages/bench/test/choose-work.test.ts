import { expect, test } from 'vitest'
import { chooseWork } from '../src/choose-work.ts'

test.each([
  [undefined, false, { models: 2, sizes: [1, 4, 12, 24], entrants: 5, cache: true }],
  [undefined, true, { models: 2, sizes: [1, 4], entrants: 5, cache: true }],
  ['isnet', true, { models: 1, sizes: [1, 4], entrants: 5, cache: false }],
  ['24mp,nobg,imgly', true, { models: 2, sizes: [24], entrants: 2, cache: false }],
  ['u2netp,cache', false, { models: 1, sizes: [1, 4, 12, 24], entrants: 5, cache: true }],
  ['cache', false, { models: 0, sizes: [1, 4, 12, 24], entrants: 5, cache: true }],
])('--only %s with --quick %s', (only, quick, { models, sizes, entrants, cache }) => {
  const work = chooseWork(only, quick)
  expect(work.models).toHaveLength(models)
  expect(work.sizes).toEqual(sizes)
  expect(work.entrants).toHaveLength(entrants)
  expect(work.cache).toBe(cache)
})

test('an unknown word is an error that lists the known ones', () => {
  expect(() => chooseWork('3mp', false)).toThrow(/expected words of u2netp, isnet, 1mp.*got '3mp'/)
})
