import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { copyWhole } from '../../src/shared/copy-file.ts'

const dir = mkdtempSync(join(tmpdir(), 'nobg-copy-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test.skipIf(process.platform === 'win32').each([0o600, 0o444, 0o777])(
  'a copy of a file with mode %o has the mode of a new file',
  async mode => {
    const [from, to, fresh] = ['from', 'to', 'new'].map(name => join(dir, `${name}-${mode}`))
    writeFileSync(from, 'bytes')
    chmodSync(from, mode)
    writeFileSync(fresh, '')
    await copyWhole(from, to)
    expect(statSync(to).mode).toBe(statSync(fresh).mode)
    expect(readFileSync(to, 'utf8')).toBe('bytes')
    await copyWhole(fresh, to)
    expect(readFileSync(to, 'utf8')).toBe('')
  },
)
