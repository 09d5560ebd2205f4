import { expect, test } from 'vitest'
import { judgeAims } from '../../src/aims.ts'
import { type BatchEntrant, batchEntrants, batches, describeBatch } from '../../src/batch/batches.ts'
import { type BatchRow, rateBatch, summarizeBatch } from '../../src/batch/figures.ts'
import { formatBatches } from '../../src/batch/table.ts'

const quiet = { p99Ms: 1, maxMs: 2 }
const [batch] = batches
const [nobg, refined, oneByOne, twoAtATime] = batchEntrants
const rows: BatchRow[] = [
  makeRow(nobg, 20_000, 60),
  makeRow(refined, 30_000, 10),
  makeRow(oneByOne, 40_000, 900),
  makeRow(twoAtATime, 24_000, 900),
  { batch: batches[1], entrant: nobg, failure: 'a | b' },
]

test('describes a batch by pictures per minute and the share of inference', () => {
  expect(rows[0].figures).toMatchObject({
    picturesPerMinute: 60,
    cpuMs: 1900,
    overInference: 2,
    runShare: 0.75,
    coresBusy: 1.9,
    overCpu: 2 / 1.9,
  })
})

test('records the peak memory of the first ten pictures and of all', () => {
  expect(rows[0].figures).toMatchObject({ earlyRssMb: 500, rssMb: 600 })
  const few = summarizeBatch(
    makeSample(8000, 8, 1),
    [
      { at: 4, rssMb: 1 },
      { at: 5, rssMb: 2 },
    ],
    quiet,
  )
  expect(few).toMatchObject({ earlyRssMb: 1, rssMb: 2 })
})

test('divides pictures per minute by those of the best peer with the same batch', () => {
  const rates = rows.map(row => rateBatch(row, rows)?.toFixed(2))
  expect(rates).toEqual(['1.20', '0.80', '0.60', '1.00', undefined])
})

test('the table has the reason why a batch has no figures', () => {
  const lines = formatBatches(rows).split('\n')
  expect(lines).toHaveLength(2 + rows.length)
  expect(lines[2]).toContain(`| ${describeBatch(batch)} | nobg, not refined | 60.00 | 1.20 | 1.90 |`)
  expect(lines.at(-1)).toContain('nobg, not refined: a \\| b | – | – |')
})

test('judges the aims of a batch', () => {
  const lines = judge(rows)
  expect(lines.map(line => /^- ([a-z ]+):/.exec(line)?.[1])).toEqual([
    'missed',
    'missed',
    'met',
    'missed',
    'missed',
  ])
  expect(lines[0]).toMatch(/MP refined 0\.80 \(met elsewhere\)$/)
  expect(lines[3]).toMatch(/: u2netp, 50 of 1, 4, 12 MP 60\.00 \(met elsewhere\)$/)
  const met = judge([makeRow(nobg, 10_000, 50, 540), rows[2]])
  expect(met.filter(line => line.startsWith('- met'))).toHaveLength(5)
})

/** The lines of the aims for batches. */
function judge(batches: BatchRow[]): string[] {
  const lines = judgeAims({ rows: [], cache: undefined, batches, refinement: [], graphs: [] })
  return lines.filter(line => line.includes('a batch'))
}

/** `count` pictures, one finished per ms. */
function makeSample(wallMs: number, count: number, p99Ms: number) {
  return {
    wallMs,
    cpuMs: wallMs * 1.9,
    runWallMs: wallMs * 0.75,
    aloneMs: 500,
    delay: { p99Ms, maxMs: 100 },
    cores: 2,
    idleShare: 0.05,
    doneAt: Array.from({ length: count }, (_, i) => i + 1),
  }
}

function makeRow(entrant: BatchEntrant, wallMs: number, p99Ms: number, peakMb = 600): BatchRow {
  const samples = [
    { at: 0, rssMb: 100 },
    { at: 10, rssMb: 500 },
    { at: 20, rssMb: peakMb },
    { at: 21, rssMb: 9000 },
  ]
  return { batch, entrant, figures: summarizeBatch(makeSample(wallMs, 20, p99Ms), samples, quiet) }
}
