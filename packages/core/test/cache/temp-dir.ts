import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []

// Registered when the importing file is collected. In a test it would be too late.
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true })
})

/** A new empty folder, removed after the tests of the file. */
export function makeTempDir(): string {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'nobg-cache-'))
  made.push(dir)
  return dir
}
