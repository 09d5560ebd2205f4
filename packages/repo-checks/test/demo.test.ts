import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'

const example = resolve(import.meta.dirname, '../../../examples/vite')

let cacheDir: string

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'nobg-demo-'))
})

afterAll(() => rm(cacheDir, { recursive: true, force: true }))

async function runDemo(): Promise<string> {
  const env = { NOBG_CACHE_DIR: cacheDir, NOBG: undefined, VITEST: undefined }
  return (await execa(process.execPath, ['scripts/demo.ts'], { cwd: example, env })).stdout
}

test('the demo makes its pictures, and a second run takes them from the cache', async () => {
  const first = await runDemo()
  expect(first).toMatch(/0 of 4 from the cache/)
  for (const picture of ['astronaut', 'chelsea', 'coffee', 'coffee-mask']) {
    expect(first).toMatch(new RegExp(`assets/${picture}-.*\\.(?:webp|png) +\\d+ kB`))
  }
  const sheet = await readFile(join(example, 'dist/contact-sheet.png'))
  expect(sheet.subarray(1, 4).toString()).toBe('PNG')
  expect(await runDemo()).toMatch(/4 of 4 from the cache/)
})
