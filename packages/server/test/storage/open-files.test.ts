import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fillDisk, mountSmallDisk } from '../../../core/test/support/small-disk.ts'
import { createStoredBytes } from '../../src/files/stored-bytes.ts'
import { createTokenFileStore } from '../../src/files/token-file-store.ts'
import { createUploads } from '../../src/files/uploads.ts'
import { openFiles } from '../../src/storage/open-files.ts'

const limits = { maxUploadBytes: 1e6, maxStoredBytes: 1e6 }
const label = { contentType: 'image/png', fileName: 'a.png' }

async function open(dataDir: string) {
  const files = await openFiles({ dataDir }, () => {})
  const { storage } = files
  const stored = createStoredBytes()
  const fileStore = createTokenFileStore(files, stored)
  return { storage, stored, fileStore, uploads: createUploads(files, fileStore, limits, stored) }
}

test('a full disk keeps files whole', async context => {
  const dir = mountSmallDisk(context)
  const { fileStore, stored } = await open(dir)
  const bytes = Buffer.alloc(3000, 1)
  const token = await fileStore.put({ bytes, ...label }, 60)
  fillDisk(dir, 8192)

  const large = Buffer.alloc(20_000, 2)
  await expect(fileStore.put({ bytes: large, ...label }, 60)).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await fileStore.get(token)).toEqual({ bytes, ...label })
  expect(await readdir(join(dir, 'files/files'))).toEqual([token])
  expect(await readdir(join(dir, 'files/labels'))).toEqual([token])
  expect(await readdir(join(dir, 'files/tmp'))).toEqual([])
  expect(stored.total()).toBe(3000)
})

test('an upload whose part did not fit on the disk cannot be completed', async context => {
  const dir = mountSmallDisk(context)
  const { uploads, stored } = await open(dir)
  const { uploadToken } = await uploads.begin({}, 60)
  await uploads.putPart(uploadToken, 1, Buffer.alloc(3000, 1))
  fillDisk(dir, 4096)
  const second = uploads.putPart(uploadToken, 2, Buffer.alloc(20_000, 2))
  await expect(second).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await readdir(join(dir, 'files/parts'))).toEqual([`${uploadToken}.1`])
  expect(stored.total()).toBe(3000)
  expect(await uploads.complete(uploadToken, [1, 2])).toBe(false)
})

test('a label that does not fit on the disk leaves no file to read', async context => {
  const dir = mountSmallDisk(context)
  const { fileStore } = await open(dir)
  const token = await fileStore.put({ bytes: Buffer.alloc(3000, 1), ...label }, 60)
  fillDisk(dir, 0)
  await expect(fileStore.put({ bytes: Buffer.alloc(1), ...label }, 60)).rejects.toMatchObject({
    code: 'ENOSPC',
  })
  expect(await readdir(join(dir, 'files/labels'))).toEqual([token])
})

test('opening removes temporary files that are older than an hour', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nobg-files-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const tmp = join(dir, 'files/tmp')
  await mkdir(tmp, { recursive: true })
  for (const name of ['old', 'new']) await writeFile(join(tmp, name), '')
  await utimes(join(tmp, 'old'), 1, 1)
  await open(dir)
  expect(await readdir(tmp)).toEqual(['new'])
})

test('an expired file is removed by a sweep', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nobg-files-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const { fileStore } = await open(dir)
  await fileStore.put({ bytes: Buffer.alloc(1), ...label }, -1)
  await fileStore.sweep()
  expect(await readdir(join(dir, 'files/files'))).toEqual([])
  expect(await readdir(join(dir, 'files/labels'))).toEqual([])
})

test('files that somebody removed are no longer counted', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nobg-files-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const { fileStore, stored } = await open(dir)
  const [token] = [await fileStore.put({ bytes: Buffer.alloc(70), ...label }, 60)]
  await fileStore.put({ bytes: Buffer.alloc(30), ...label }, 60)
  for (const folder of ['labels', 'files']) await rm(join(dir, 'files', folder, token))
  expect(stored.total()).toBe(100)
  await fileStore.sweep()
  expect(stored.total()).toBe(30)
})

test('a sweep reads each folder once, whatever the number of expired uploads', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nobg-files-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const { storage, uploads, stored } = await open(dir)
  const lists = vi.spyOn(storage, 'getKeys')
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  for (let count = 0; count < 20; count++) {
    const { uploadToken } = await uploads.begin({}, 60)
    for (const part of [1, 2]) await uploads.putPart(uploadToken, part, Buffer.alloc(10))
  }
  expect(stored.total()).toBe(400)
  vi.setSystemTime(Date.now() + 25 * 3_600_000)
  lists.mockClear()
  await uploads.sweep()
  expect(lists).toHaveBeenCalledTimes(2)
  for (const folder of ['uploads', 'parts']) expect(await readdir(join(dir, 'files', folder))).toEqual([])
  expect(stored.total()).toBe(0)
})

test('the keys of a folder are those of this folder', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nobg-files-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const { storage } = await open(dir)
  await storage.setItem('one:a', '1')
  await storage.setItem('one:b:c', '1')
  await storage.setItem('two:d', '1')
  expect((await storage.getKeys('one')).sort()).toEqual(['one:a', 'one:b:c'])
  expect((await storage.getKeys()).sort()).toEqual(['one:a', 'one:b:c', 'two:d'])
  expect(await storage.getKeys('none')).toEqual([])
})
