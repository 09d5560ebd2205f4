import { expect, test } from 'vitest'
import { findWorkerFile, isBundled } from '../../src/shared/bundle.ts'

test.each(['image', 'inference'])('finds the worker file %s', name => {
  expect(findWorkerFile(name)).toMatch(new RegExp(`${name}\\.worker\\.ts$`))
})

test('the source files do not count as a bundle', () => {
  expect(isBundled()).toBe(false)
})
