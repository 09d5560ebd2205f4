import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileStore } from '../../src/cache/file-store.ts'
import { fillDisk, mountDisk, PAGE, unmountDisk } from '../support/full-disk.ts'
import { makeTempDir } from './temp-dir.ts'
import { makeEntry } from './test-store.ts'

const key = 'cutouts:1a2b3c'
const picture = { ...makeEntry(), bytes: new Uint8Array(3 * PAGE).fill(7) }
let dir: string

beforeEach(({ skip }) => {
  dir = makeTempDir()
  skip(!mountDisk(dir), 'needs the right to mount a file system')
})
afterEach(() => unmountDisk(dir))

// No free page, space for a part of the picture, and space for the picture but not for its sidecar.
test.each([0, 1, 2, 3])(
  'an entry that a disk with %i free pages cannot hold is reported and never read',
  async pages => {
    const store = fileStore({ dir })
    await store.set('cutouts:other', { value: makeEntry() })
    fillDisk(dir, pages * PAGE)
    await expect(store.set(key, { value: picture })).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await store.get(key)).toBeUndefined()
    expect(await store.find(key)).toBeUndefined()
    expect(await store.find('cutouts:other')).toBeDefined()
    expect(readdirSync(dir, { recursive: true }).filter(name => String(name).endsWith('.part'))).toEqual([])
  },
)

test('an entry is a miss after a new entry of its key did not fit', async () => {
  const store = fileStore({ dir })
  const former = makeEntry()
  await store.set(key, { value: former })
  fillDisk(dir)
  const successor = { value: { ...picture, fileName: former.fileName } }
  await expect(store.set(key, successor)).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await store.get(key)).toBeUndefined()
})
