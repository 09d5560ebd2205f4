import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []

// Once, as the file that imports this one is collected: inside a test it would come too late.
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true })
})

/** A new empty folder, removed after the tests of the file. */
export function makeTempDir(): string {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'nobg-cache-'))
  made.push(dir)
  return dir
}
