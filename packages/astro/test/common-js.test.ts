import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

test('require() returns the integration', () => {
  const nobg = createRequire(import.meta.url)('@nobg/astro')
  expect(nobg().name).toBe('@nobg/astro')
  expect(nobg.default).toBe(nobg)
})
