import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeDir } from '../../src/shared/make-dir.ts'

const dir = mkdtempSync(join(tmpdir(), 'nobg-folder-'))

afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('creates a folder and its parents, also for concurrent calls', async () => {
  const path = join(dir, 'a/b/c/d')
  await Promise.all(Array.from({ length: 20 }, () => makeDir(path)))
  expect(statSync(path).isDirectory()).toBe(true)
  await makeDir(path)
})

test('does not change a file in place of the folder', async () => {
  const path = join(dir, 'file')
  writeFileSync(path, 'x')
  await makeDir(path)
  expect(statSync(path).isFile()).toBe(true)
  await expect(makeDir(join(path, 'below/it'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test.skipIf(process.platform !== 'linux')(
  'rejects if the folder cannot be created, and does not retry forever',
  async () => {
    await expect(makeDir('/proc/none/deep')).rejects.toMatchObject({ code: 'ENOENT' })
  },
)
