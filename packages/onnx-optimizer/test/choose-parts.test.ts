import { expect, test } from 'vitest'
import { chooseParts } from '../src/choose-parts.ts'

test.each([
  [14, 1849, 43],
  [4, 121, 11],
  [8, 484, 11],
  [12, 262_144, 16],
  [2, 2, 2],
  // No equal parts, or too many.
  [4, 127, 4],
  [2, 67, 2],
  [5, 3, 3],
])('%i parts or more of %i places: %i', (needed, count, parts) => {
  expect(chooseParts(needed, count)).toBe(parts)
})
