import { existsSync, readFileSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import { models } from '@nobg/core'
import { expect, test } from 'vitest'
import { REPOSITORY, readPage } from '../../src/docs/markdown.ts'

const PAGE = 'docs/comparison.md'

/** A row of a table whose second column is nobg. */
interface Row {
  what: string
  ours: string
  theirs: string[]
}

const rows: Row[] = ['Libraries', 'Services'].flatMap(heading => {
  const section = readPage(PAGE)
    .split(/^## /m)
    .find(text => text.startsWith(heading))!
  const lines = section.split('\n').filter(line => line.startsWith('| '))
  // Without the head of the table.
  return lines.slice(1).map(line => {
    const [what, ours, ...theirs] = line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim())
    return { what, ours, theirs }
  })
})

const listTargets = (cell: string) => [...cell.matchAll(/\]\(([^)\s#]+)/g)].map(([, target]) => target)

test('both tables are found', () => {
  expect(rows.length).toBeGreaterThan(25)
  expect(rows.map(({ theirs }) => theirs.length)).toEqual(rows.map(() => 3))
})

test.each(rows)('nobg: $what, $ours', ({ ours }) => {
  const tests = listTargets(ours).filter(target => target.endsWith('.test.ts'))
  expect(tests.length).toBeGreaterThan(0)
  for (const file of tests) expect(existsSync(resolve(REPOSITORY, posix.join('docs', file))), file).toBe(true)
})

test.each(rows)(
  'others: each cell of “$what” has a source or says that there is none',
  ({ what, theirs }) => {
    // That packages and services exist is seen from the other rows.
    const plain = what === 'status' ? /^(?:released|in service)$/ : /^not stated/
    for (const cell of theirs) {
      const sources = listTargets(cell).filter(target => /^https:/.test(target))
      expect(sources.length > 0 || plain.test(cell), cell).toBe(true)
    }
  },
)

const { version } = JSON.parse(readFileSync(resolve(REPOSITORY, 'packages/core/package.json'), 'utf8'))

test('the status of nobg is that of its packages', () => {
  const states = rows.filter(({ what }) => what === 'status').map(({ ours }) => ours)
  expect(states).toHaveLength(2)
  for (const state of states) expect(/no release yet/.test(state)).toBe(version === '0.0.0')
})

test.each(['README.md', 'docs/src/pages/index.astro'])('%s says whether there is a release', page => {
  const text = readFileSync(resolve(REPOSITORY, page), 'utf8')
  expect(/Not released yet/.test(text)).toBe(version === '0.0.0')
})

test('the number of models is that of the table in the code', () => {
  const others = models.filter(({ id }) => !id.endsWith('-fp16'))
  const cells = rows.filter(({ what }) => what === 'models').map(({ ours }) => ours)
  expect(cells).toHaveLength(2)
  for (const cell of cells)
    expect(cell).toContain(`[${models.length} entries, ${others.length} without the float16 variants]`)
})
