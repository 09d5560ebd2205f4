import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeDir } from '../../src/shared/make-dir.ts'

const dir = mkdtempSync(join(tmpdir(), 'nobg-folder-'))

afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('is made with all above it, by any number at once', async () => {
  const path = join(dir, 'a/b/c/d')
  await Promise.all(Array.from({ length: 20 }, () => makeDir(path)))
  expect(statSync(path).isDirectory()).toBe(true)
  await makeDir(path)
})

test('what is a file is left as it is', async () => {
  const path = join(dir, 'file')
  writeFileSync(path, 'x')
  await makeDir(path)
  expect(statSync(path).isFile()).toBe(true)
  await expect(makeDir(join(path, 'below/it'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test.skipIf(process.platform !== 'linux')(
  'where no folder can be, it is told and not tried for ever',
  async () => {
    await expect(makeDir('/proc/none/deep')).rejects.toMatchObject({ code: 'ENOENT' })
  },
)
