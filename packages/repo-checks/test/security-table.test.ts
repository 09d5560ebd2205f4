import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const text = await readFile(join(root, 'docs/server-security.md'), 'utf8')
/** [threat, measure, tests]; without the head of the table. */
const rows = text
  .split('\n')
  .filter(line => line.startsWith('| '))
  .map(line => line.split('|').map(cell => cell.trim()))
  .map(([, threat, measure, tests]) => ({ threat, measure, tests }))
  .slice(1)

/** A file of tests, and the titles that follow it. */
const FILE = /(core's )?`([\w/.-]+\.ts)`((?:[ ,]*“[^”]+”)+)/g

test('the table of threats has rows', () => {
  expect(rows.length).toBeGreaterThan(35)
})

test.each(rows)('$threat: the tests exist', async ({ tests }) => {
  const files = [...tests.matchAll(FILE)]
  // Every file of the cell has titles.
  expect(files.length).toBe(tests.match(/\.ts`/g)?.length)
  for (const [, core, file, titles] of files) {
    const source = await readFile(join(root, 'packages', core ? 'core' : 'server', 'test', file), 'utf8')
    for (const [, title] of titles.matchAll(/“([^”]+)”/g)) expect(source).toContain(title)
  }
})
