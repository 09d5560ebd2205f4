import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { userDir } from '../../src/shared/user-dir.ts'

test.skipIf(process.platform !== 'linux')('uses the XDG directories for data and caches', () => {
  expect(userDir('data', { XDG_DATA_HOME: '/data' })).toBe('/data/nobg')
  expect(userDir('data', {})).toBe(join(homedir(), '.local/share/nobg'))
  expect(userDir('cache', {})).toBe(join(homedir(), '.cache/nobg'))
})

const urlOf = (file: string) =>
  JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../src', file)).href)

test('core can be imported and used without a home directory', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'nobg-homeless-'))
  // Node throws this for a user id that is not in the list of users.
  const script = `
    import os from 'node:os'
    import { syncBuiltinESMExports } from 'node:module'
    os.homedir = os.userInfo = () => { throw new Error('ENOENT: uv_os_homedir') }
    syncBuiltinESMExports()
    const { createRemover } = await import(${urlOf('index.ts')})
    const { userDir } = await import(${urlOf('internal.ts')})
    await createRemover().close()
    console.log(userDir('data'))`
  const { HOME: _, XDG_DATA_HOME: __, NODE_OPTIONS: ___, ...env } = process.env
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    cwd: temporary,
    env: { ...env, TMPDIR: temporary },
  })
  rmSync(temporary, { recursive: true })
  expect(stderr).toBe('')
  expect(isAbsolute(stdout.trim())).toBe(true)
  if (process.platform === 'linux') expect(stdout).toContain(temporary)
})
