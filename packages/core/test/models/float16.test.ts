import { expect, test } from 'vitest'
import { decodeFloat16 } from '../../src/models/float16.ts'

test.each([
  [0x0000, 0],
  [0x8000, -0],
  [0x3c00, 1],
  [0xbc00, -1],
  [0x3555, 0.333251953125],
  [0x7bff, 65504],
  [0x0400, 2 ** -14],
  [0x0001, 2 ** -24],
  [0x83ff, -1023 * 2 ** -24],
  [0x7c00, Number.POSITIVE_INFINITY],
  [0xfc00, Number.NEGATIVE_INFINITY],
  [0x7e00, Number.NaN],
])('%i is %d', async (bits, value) => {
  expect((await decodeFloat16(Uint16Array.of(bits)))[0]).toBe(value)
})

test('converts all bit patterns like DataView, if Node supports float16', async context => {
  if (!('getFloat16' in DataView.prototype)) context.skip('this Node has no DataView.getFloat16')
  const bits = Uint16Array.from({ length: 1 << 16 }, (_, index) => index)
  const view = new DataView(bits.buffer) as DataView & {
    getFloat16(offset: number, littleEndian: boolean): number
  }
  const expected = Float32Array.from(bits, (_, index) => view.getFloat16(2 * index, true))
  expect(await decodeFloat16(bits)).toEqual(expected)
})

test('converts a view into a larger buffer', async () => {
  const bits = Uint16Array.of(0, 0x3c00, 0x4000, 0)
  expect(await decodeFloat16(bits.subarray(1, 3))).toEqual(Float32Array.of(1, 2))
})
