import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { coffee } from './open-engine.ts'

test('a process continues and exits after failures that no code observes', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nobg-exit-'))
  try {
    const script = join(import.meta.dirname, 'fixtures/unobserved-failures.ts')
    const env = { ...process.env, NOBG_CACHE_DIR: dir }
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, coffee], { env })
    expect(stdout).toBe('600\n')
    expect(stderr).toBe('')
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
