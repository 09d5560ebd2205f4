import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

test('CommonJS gets the named exports by require', () => {
  const { nobg, matte, createNobg, NobgError } = createRequire(import.meta.url)('@nobg/sharp')
  expect([nobg, matte, createNobg, NobgError].map(value => typeof value)).toEqual(Array(4).fill('function'))
})
