import { expect, test } from 'vitest'
import { judgeAims } from '../src/aims.ts'
import type { BatchRow } from '../src/batch/figures.ts'
import type { Row } from '../src/figures.ts'
import { summarize } from '../src/summary.ts'

const rows = [
  makeRow('nobg', 4, 9, 9),
  makeRow('nobg', 24, 2, 600),
  makeRow('nobg-refined', 24, 2.5, 610),
  makeRow('nobg-low', 24, 1, 500),
  makeRow('transformers', 24, 4, 900),
  makeRow('rembg', 24, 5, 800),
]

test('the summary has the largest pictures, and the best of the other libraries', () => {
  expect(summarize(rows, []).split('\n')).toEqual([
    '|  | nobg | nobg, refined | best of the others |',
    '| :-- | --: | --: | --: |',
    '| u2netp, 24 MP: first picture of a process, CPU s | 2.00 | 2.50 | 4.00 |',
    '| u2netp, 24 MP: next pictures, CPU s | 1.00 | 1.25 | 2.00 |',
    '| u2netp, 24 MP: peak memory, MB | 600 | 610 | 800 |',
    '| u2netp, 24 MP: longest delay of the event loop, ms | – | – | – |',
  ])
})

test('the summary has the first batch of each model, and the most pictures per minute', () => {
  const long = { model: 'u2netp', count: 50, sizes: [1, 4] } as const
  const short = { model: 'u2netp', count: 8, sizes: [24] } as const
  const batches = [
    makeBatchRow(long, 'nobg', 100),
    makeBatchRow(long, 'transformers', 40),
    makeBatchRow(long, 'transformers', 50),
    makeBatchRow(short, 'nobg', 10),
  ]
  const lines = summarize([], batches).split('\n')
  expect(lines.slice(2)).toEqual([
    '| u2netp, 50 pictures of 1, 4 MP: pictures per minute | 100.0 | – | 50.0 |',
  ])
})

test('the summary is empty without figures', () => {
  expect(summarize([], [])).toBe('')
})

test('graphs and refinement have aims', () => {
  const lines = judgeAims({
    rows: [],
    cache: undefined,
    batches: [],
    refinement: [
      { matte: 'the true alpha', plain: 3.9, refined: 0.51 },
      { matte: 'isnet', plain: 3.89, refined: 4.14 },
    ],
    graphs: [{ name: 'lite-1024', runCpuMs: 9000, peakMb: 1260, overFloor: 1.4 }],
  })
  const find = (words: string) => lines.find(line => line.includes(words))
  expect(find('no worse')).toMatch(/^- missed: .*: isnet 1\.06 \(met elsewhere\)$/)
  expect(find('0.52 levels')).toMatch(/^- met: .*0\.51\)$/)
  expect(find('one run of lite-1024')).toMatch(/^- met: .*1\.26\)$/)
  expect(find('1.35')).toMatch(/^- missed: .*1\.40$/)
  expect(find('general-2048')).toMatch(/^- not measured/)
})

function makeRow(contestant: string, megapixels: number, cpuS: number, rssMb: number): Row {
  return {
    model: 'u2netp',
    megapixels,
    contestant,
    title: contestant,
    ours: contestant.startsWith('nobg'),
    warm: {
      overheadCpuMs: 1,
      overheadWallMs: 1,
      runCpuMs: 1,
      totalCpuMs: 500 * cpuS,
      spread: 1,
      growthMb: 0,
    },
    cold: { cpuMs: 1000 * cpuS, wallMs: 1, rssMb, pssMb: rssMb },
  }
}

function makeBatchRow(batch: BatchRow['batch'], id: string, picturesPerMinute: number): BatchRow {
  return {
    batch,
    entrant: { id, title: id, ours: id === 'nobg', atOnce: 0 },
    figures: { picturesPerMinute } as BatchRow['figures'],
  }
}
