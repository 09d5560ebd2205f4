import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fillDisk, mountSmallDisk } from '../../../core/test/support/small-disk.ts'
import { createTokenFileStore } from '../../src/files/token-file-store.ts'
import { createUploads } from '../../src/files/uploads.ts'
import { openFiles } from '../../src/storage/open-files.ts'

const limits = { maxUploadBytes: 1e6, maxStoredBytes: 1e6 }
const label = { contentType: 'image/png', fileName: 'a.png' }

async function open(dataDir: string) {
  const { storage } = await openFiles({ dataDir }, () => {})
  const fileStore = createTokenFileStore(storage)
  return { storage, fileStore, uploads: createUploads(storage, fileStore, limits) }
}

test('a full disk keeps files whole', async context => {
  const dir = mountSmallDisk(context)
  const { fileStore } = await open(dir)
  const bytes = Buffer.alloc(3000, 1)
  const token = await fileStore.put({ bytes, ...label }, 60)
  fillDisk(dir, 8192)

  const large = Buffer.alloc(20_000, 2)
  await expect(fileStore.put({ bytes: large, ...label }, 60)).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await fileStore.get(token)).toEqual({ bytes, ...label })
  expect(await readdir(join(dir, 'files/files'))).toEqual([token])
  expect(await readdir(join(dir, 'files/tmp'))).toEqual([])
})

test('an upload whose part did not fit on the disk cannot be completed', async context => {
  const dir = mountSmallDisk(context)
  const { uploads } = await open(dir)
  const { uploadToken } = await uploads.begin({}, 60)
  await uploads.putPart(uploadToken, 1, Buffer.alloc(3000, 1))
  fillDisk(dir, 4096)
  const second = uploads.putPart(uploadToken, 2, Buffer.alloc(20_000, 2))
  await expect(second).rejects.toMatchObject({ code: 'ENOSPC' })
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
