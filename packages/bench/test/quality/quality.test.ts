import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { averageFigures } from '../../src/quality/judge.ts'
import { formatQuality, insertFigures } from '../../src/quality/report.ts'
import { readTruths } from '../../src/quality/truth.ts'

const run = promisify(execFile)
const script = join(import.meta.dirname, '../../src/quality/quality.ts')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nobg-quality-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('skips a folder without pictures and says so', async () => {
  const { stdout, stderr } = await run(process.execPath, [script, join(folder, 'none')])
  expect([stdout, stderr]).toEqual(['', expect.stringMatching(/^Skipped: no <name>\.image\.png .*none\.\n$/)])
})

test('a picture with a known foreground gives a composite over each plain color', async () => {
  const create = (background: string) => sharp({ create: { width: 4, height: 2, channels: 3, background } })
  await create('#204060').png().toFile(join(folder, 'square.image.png'))
  await create('#808080').png().toFile(join(folder, 'square.alpha.png'))
  await create('#ff0000').png().toFile(join(folder, 'square.foreground.png'))
  await create('#808080').png().toFile(join(folder, 'alone.alpha.png'))
  const truths = await readTruths(folder)
  expect(truths.map(({ name, isComposite = false }) => [name, isComposite])).toEqual([
    ['square', false],
    ['square on green', true],
    ['square on white', true],
    ['square on slate', true],
  ])
  // 128/255 of red over white.
  expect([...truths[2].picture.slice(0, 3)]).toEqual([255, 127, 127])
  expect(truths[0].alpha).toEqual(Buffer.alloc(8, 128))
})

test('a figure is the mean over the pictures that have it', () => {
  const mean = averageFigures([{ sad: 1, foreground: 4 }, { sad: 3 }])
  expect([mean.sad, mean.foreground, mean.mse]).toEqual([2, 4, Number.NaN])
  const table = formatQuality([{ ...mean, inferenceMs: 250, model: 'm', setting: '320' }])
  expect(table.split('\n').at(-1)).toBe('| m | 320 | 2.00 | – | – | – | 4.00 | – | 0.25 |')
})

test('replaces only the figures of a page', () => {
  const page = 'a\n<!-- figures: written by `pnpm quality --write` -->\nold\n<!-- end of figures -->\nb\n'
  const written = insertFigures(page, 'new')
  expect(written).toBe(page.replace('\nold\n', '\n\nnew\n\n'))
  expect(insertFigures(written, 'new')).toBe(written)
  expect(() => insertFigures('a page', 'new')).toThrow(/expected the comments/)
})
