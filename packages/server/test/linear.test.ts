import { expect, test } from 'vitest'
import { measureGrowth } from '../../core/test/support/measure-growth.ts'
import { createFetch } from '../src/client/create-fetch.ts'
import { resolveServerConfig } from '../src/config.ts'
import { createStoredBytes } from '../src/files/stored-bytes.ts'

const readers: [what: string, make: (length: number) => string, read: (input: string) => unknown][] = [
  ["the server's address", n => `http://server.test${'/'.repeat(n)}a`, url => createFetch(url)],
  ['publicUrl', n => `http://server.test${'/'.repeat(n)}a`, publicUrl => resolveServerConfig({ publicUrl })],
]

test.each(readers)('%s takes time in proportion to its length', (_, make, read) => {
  expect(measureGrowth(make, read)).toBeLessThan(11)
})

test('the sizes of an upload with many parts take no more time', () => {
  const fill = (parts: number) => {
    const sizes = createStoredBytes()
    for (let part = 1; part <= parts; part++) sizes.note('upload', part, 1)
    return sizes
  }
  expect(measureGrowth(fill, sizes => sizes.sumWith('upload', 7, 1) + sizes.total())).toBeLessThan(2)
})

test('parts are summed, and a repeated part counts once', () => {
  const sizes = createStoredBytes()
  sizes.note('one', 1, 10)
  sizes.note('one', 2, 20)
  sizes.note('one', 1, 5)
  sizes.note('other', 1, 100)
  expect([sizes.sumWith('one', 2, 30), sizes.sumWith('one', 3, 1), sizes.sumWith('none', 1, 7)]).toEqual([
    35, 26, 7,
  ])
  expect(sizes.total()).toBe(125)
  sizes.forget('one')
  sizes.forget('none')
  expect([sizes.total(), sizes.sumWith('one', 1, 1)]).toEqual([100, 1])
})
