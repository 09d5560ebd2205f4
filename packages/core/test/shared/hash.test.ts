import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { digestBytes, digestBytesSync, digestFile } from '../../src/shared/hash.ts'

test.each([0, 1, 4 * 2 ** 20, 9 * 2 ** 20 + 7])('%s bytes', async length => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) % 251)
  expect(await digestBytes(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'))
})

test('the event loop runs while a large array is hashed', async () => {
  let turns = 0
  let done = false
  const hashing = digestBytes(new Uint8Array(64 * 2 ** 20)).then(() => {
    done = true
  })
  while (!done) {
    await setImmediate()
    turns++
  }
  await hashing
  expect(turns).toBeGreaterThanOrEqual(15)
})

test('an abort stops the hash', async () => {
  const controller = new AbortController()
  const hashing = digestBytes(new Uint8Array(64 * 2 ** 20), controller.signal)
  controller.abort()
  await expect(hashing).rejects.toMatchObject({ code: 'ABORTED' })
})

test.each([
  ['text', 'abc'],
  ['bytes', Buffer.from('abc')],
])('digestBytesSync of %s is the sha256 of FIPS 180-2', (_, input) => {
  expect(digestBytesSync(input)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('digestFile of a file of several chunks is the sha256 of its bytes', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'nobg-hash-')), 'file')
  onTestFinished(() => rmSync(dirname(path), { recursive: true, force: true }))
  const bytes = Uint8Array.from({ length: 2 ** 21 + 7 }, (_, i) => (i * 31) % 251)
  writeFileSync(path, bytes)
  expect(await digestFile(path)).toBe(digestBytesSync(bytes))
  await expect(digestFile(path, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  await expect(digestFile(`${path}.none`)).rejects.toMatchObject({ code: 'ENOENT' })
})
