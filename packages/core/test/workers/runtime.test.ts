import { expect, test } from 'vitest'
import { refuseOtherRuntimes } from '../../src/workers/runtime.ts'

test.each([
  ['bun', 'Bun'],
  ['deno', 'Deno'],
])('%s is refused with its name, its version and an action', (key, name) => {
  expect(() => refuseOtherRuntimes({ node: '24.0.0', [key]: '1.2.3' })).toThrow(
    expect.objectContaining({
      code: 'INFERENCE_FAILED',
      message: `Expected Node 22.19 or newer, got ${name} 1.2.3.`,
      hint: `Start this program with node instead of ${key}.`,
    }),
  )
})

test('Node is not refused', () => {
  expect(() => refuseOtherRuntimes()).not.toThrow()
})
