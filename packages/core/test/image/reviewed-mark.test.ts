import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readMatteFile } from '../../src/image/given-matte.ts'
import { encodeKeptMatte, isPredictedMatte } from '../../src/image/matte-file.ts'
import { isReviewed, markReviewed } from '../../src/image/reviewed-mark.ts'
import type { Matte } from '../../src/shared/types.ts'

const matte: Matte = {
  data: Uint8Array.from({ length: 600 }, (_, i) => (i * 7) % 256),
  width: 30,
  height: 20,
}
const gray = (options = {}) =>
  sharp(matte.data, { raw: { width: 30, height: 20, channels: 1 } })
    .toColourspace('b-w')
    .png(options)
    .toBuffer()

test('a mark changes no pixel, and is valid only for these pixels', async () => {
  const bytes = await gray()
  expect(await isReviewed(bytes, matte)).toBe(false)
  const marked = await markReviewed(bytes, matte)
  expect((await readMatteFile(marked)).data).toEqual(matte.data)
  expect(await isReviewed(marked, matte)).toBe(true)
  const other = { ...matte, data: matte.data.with(5, 0) }
  expect(await isReviewed(marked, other)).toBe(false)
})

test('a second mark replaces the first', async () => {
  const once = await markReviewed(await gray(), matte)
  const twice = await markReviewed(once, matte)
  expect(twice).toEqual(once)
})

test('a predicted matte that is marked still counts as predicted', async () => {
  const marked = await markReviewed(await encodeKeptMatte(matte), matte)
  expect(await isPredictedMatte(marked)).toBe(true)
  expect(await isReviewed(marked, matte)).toBe(true)
})

describe.each([
  ['a palette', () => gray({ palette: true })],
  [
    '16 bits',
    () =>
      sharp(matte.data, { raw: { width: 30, height: 20, channels: 1 } })
        .toColourspace('grey16')
        .png()
        .toBuffer(),
  ],
  [
    'alpha',
    () =>
      sharp({ create: { width: 30, height: 20, channels: 4, background: '#ff000080' } })
        .png()
        .toBuffer(),
  ],
])('a PNG with %s', (_, make) => {
  test('keeps its format and pixels', async () => {
    const bytes = await make()
    const pixels = await readMatteFile(bytes)
    const marked = await markReviewed(bytes, pixels)
    expect(await isReviewed(marked, await readMatteFile(marked))).toBe(true)
    const [before, after] = await Promise.all([bytes, marked].map(png => sharp(png).metadata()))
    expect([after.depth, after.channels]).toEqual([before.depth, before.channels])
  })
})

test.each([
  [
    'another format',
    () =>
      sharp(matte.data, { raw: { width: 30, height: 20, channels: 1 } })
        .webp()
        .toBuffer(),
  ],
  ['no image', async () => Buffer.from('89PNG')],
])('%s cannot be marked', async (_, make) => {
  await expect(markReviewed(await make(), matte)).rejects.toMatchObject({
    code: 'INVALID_MATTE',
    hint: expect.stringContaining('PNG'),
  })
})
