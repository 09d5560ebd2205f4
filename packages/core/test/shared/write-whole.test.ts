import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeWhole } from '../../src/shared/write-whole.ts'
import { FILLER, fillDisk, mountDisk, unmountDisk } from '../support/full-disk.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-write-whole-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

test.each([
  ['bytes', Buffer.from('new'), {}],
  ['text', 'new', {}],
  ['text that is flushed', 'new', { flush: true }],
])('%s replace a file and leave no other', async (_, data, options) => {
  const path = join(dir, 'file')
  await writeFile(path, 'old')
  await writeWhole(path, data, options)
  expect(await readFile(path, 'utf8')).toBe('new')
  expect(await readdir(dir)).toEqual(['file'])
})

test('writes a file with a name of 255 bytes', async () => {
  const path = join(dir, 'x'.repeat(255))
  await writeWhole(path, 'new')
  expect(await readFile(path, 'utf8')).toBe('new')
})

test.skipIf(process.platform === 'win32')('sets the mode of the file', async () => {
  await writeWhole(join(dir, 'file'), 'new', { mode: 0o600 })
  expect((await stat(join(dir, 'file'))).mode & 0o777).toBe(0o600)
})

test('removes the temporary file if renaming fails', async () => {
  await expect(writeWhole(join(dir, 'none', 'file'), 'new', { tmpDir: dir })).rejects.toMatchObject({
    code: 'ENOENT',
  })
  expect(await readdir(dir)).toEqual([])
})

test.for([1, 4096, 300_000])('a full disk keeps the existing file (%i bytes)', async (length, { skip }) => {
  skip(!mountDisk(dir), 'needs the right to mount a file system')
  try {
    const path = join(dir, 'file')
    await writeFile(path, 'old')
    fillDisk(dir)
    await expect(writeWhole(path, Buffer.alloc(length, 1))).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await readFile(path, 'utf8')).toBe('old')
    expect((await readdir(dir)).sort()).toEqual(['file', FILLER])
  } finally {
    unmountDisk(dir)
  }
})
