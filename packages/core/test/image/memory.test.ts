import { expect, test } from 'vitest'
import { freeMemory } from '../../src/image/memory.ts'

test('frees memory once, and only if the array has the whole buffer', () => {
  const whole = new Uint8Array(8)
  freeMemory(whole)
  expect(whole.byteLength).toBe(0)
  freeMemory(whole)
  const part = new Uint8Array(new ArrayBuffer(8), 0, 4)
  freeMemory(part)
  expect(part.buffer.byteLength).toBe(8)
})
