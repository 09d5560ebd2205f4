import { spawnSync } from 'node:child_process'
import { link, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { expectSize, makeWhole, writeNewFile, writeWhole } from '../../src/shared/write-whole.ts'
import { FILLER, fillDisk, mountSmallDisk } from '../support/small-disk.ts'

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

test.for([1, 4096, 300_000])('a full disk keeps the file of before (%i bytes)', async (length, context) => {
  const disk = mountSmallDisk(context)
  const path = join(disk, 'file')
  await writeFile(path, 'old')
  fillDisk(disk)
  await expect(writeWhole(path, Buffer.alloc(length, 1))).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await readFile(path, 'utf8')).toBe('old')
  expect((await readdir(disk)).sort()).toEqual(['file', FILLER])
})

test('a file whose bytes the disk did not take is reported as a full disk', async () => {
  const path = join(dir, 'file')
  await writeFile(path, 'a part')
  await expect(expectSize(path, 7)).rejects.toMatchObject({
    code: 'ENOSPC',
    message: expect.stringContaining('expected 7 bytes to be written, got 6'),
  })
  await expectSize(path, 6)
})

test('a file that cannot be made leaves the file of before and no other', async () => {
  const path = join(dir, 'file')
  await writeFile(path, 'old')
  const make = async (part: string) => {
    await writeNewFile(part, 'new')
    throw new Error('wrong')
  }
  await expect(makeWhole(path, make)).rejects.toThrow('wrong')
  expect(await readFile(path, 'utf8')).toBe('old')
  expect(await readdir(dir)).toEqual(['file'])
})

test('a file that replaces itself leaves no second link', async () => {
  const path = join(dir, 'file')
  await writeFile(path, 'same')
  await makeWhole(path, part => link(path, part))
  expect(await readFile(path, 'utf8')).toBe('same')
  expect(await readdir(dir)).toEqual(['file'])
})

test('a process that exits leaves no temporary file', async () => {
  const module = new URL('../../src/shared/write-whole.ts', import.meta.url).href
  const script = `
    import { writeFileSync } from 'node:fs'
    import { makeWhole } from ${JSON.stringify(module)}
    await makeWhole('file', async part => { writeFileSync(part, 'half'); process.stdout.write('made'); process.exit(7) })`
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: dir,
    encoding: 'utf8',
  })
  expect([status, stdout]).toEqual([7, 'made'])
  expect(await readdir(dir)).toEqual([])
})
