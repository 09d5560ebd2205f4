import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { measureGrowth } from '../../core/test/support/measure-growth.ts'
import { createFetch } from '../src/client/create-fetch.ts'
import { resolveServerConfig } from '../src/config.ts'
import { createAddresses } from '../src/files/addresses.ts'
import { createStoredBytes } from '../src/files/stored-bytes.ts'
import type { TokenFileStore } from '../src/files/token-file-store.ts'
import { createImageReader } from '../src/jobs/read-image.ts'

const readers: [what: string, make: (length: number) => string, read: (input: string) => unknown][] = [
  ["the server's address", n => `http://server.test${'/'.repeat(n)}a`, url => createFetch(url)],
  ['publicUrl', n => `http://server.test${'/'.repeat(n)}a`, publicUrl => resolveServerConfig({ publicUrl })],
]

const uris: [what: string, make: (length: number) => string][] = [
  ['spaces between base64', n => `data:image/png;base64,${' A'.repeat(n / 2)}`],
  ['percent-encoded base64', n => `data:image/png;base64,${'%41'.repeat(n / 3)}`],
  ['spaces in a type', n => `data:image/png;${' '.repeat(n)},x`],
  ['parameters', n => `data:image/png;${'a=b;'.repeat(n / 4)},x`],
]

// Node's fetch takes 70 to 300 times as long as a hash: 13 s for 60 MB of the first.
test.each(uris)('a data URI with %s is read in at most 20 times the time of a hash', async (_, make) => {
  const addresses = createAddresses(() => 'http://localhost')
  const readImage = createImageReader({} as TokenFileStore, addresses, async () => new Uint8Array(), 2 ** 30)
  const uri = make(3e6)
  const context = { signal: new AbortController().signal, log() {} }
  const read = () => readImage(uri, context).catch(() => {})
  const hash = () => createHash('sha256').update(uri).digest()
  await read()
  expect(await measureTime(read)).toBeLessThan(20 * (await measureTime(hash)))
})

/** @returns processor time of some calls, in microseconds */
async function measureTime(run: () => unknown): Promise<number> {
  const started = process.cpuUsage()
  for (let calls = 0; calls < 5; calls++) await run()
  const { user, system } = process.cpuUsage(started)
  return user + system
}

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
