import * as fs from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { createCache } from '../../src/cache/cache.ts'
import { fileStore } from '../../src/cache/file-store.ts'
import { makeTempDir } from './temp-dir.ts'
import { createRecorder, makeEntry } from './test-store.ts'

// The file system of this machine has hard links.
vi.mock('node:fs/promises', async load => ({ ...(await load<typeof fs>()), link: vi.fn() }))

test.each(['EPERM', 'ENOTSUP', 'EMLINK', 'EXDEV'])(
  'a file system that refuses a hard link with %s is asked once, and gets a second copy',
  async code => {
    const link = vi.mocked(fs.link).mockReset()
    link.mockImplementation(async (path, dest) => {
      throw Object.assign(new Error(code), { code, path, dest })
    })
    const store = fileStore({ dir: makeTempDir() })
    const [logger, entry] = [createRecorder(), makeEntry()]
    const cache = createCache({ namespace: 'cutouts', store, logger })
    await cache.getOrCreate('first', async () => entry)
    await cache.copy('first', 'second', entry)
    expect(link).toHaveBeenCalledOnce()
    expect(await cache.get('second')).toEqual(entry)
    expect(logger.warnings).toEqual([])
  },
)

test('a picture that is removed while it is linked counts as missing', async () => {
  const store = fileStore({ dir: makeTempDir() })
  const actual = await vi.importActual<typeof fs>('node:fs/promises')
  const link = vi.mocked(fs.link).mockReset()
  link.mockImplementation(async (path, dest) => {
    await store.delete('cutouts:first')
    await actual.link(path, dest)
  })
  await store.set('cutouts:first', { value: makeEntry() })
  expect(await store.link('cutouts:first', 'cutouts:second')).toBe(false)
  expect(link).toHaveBeenCalledOnce()
})
