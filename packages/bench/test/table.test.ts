import { expect, test } from 'vitest'
import { judgeAims } from '../src/aims.ts'
import { type Row, rateAgainstPeers, takeMedian } from '../src/figures.ts'
import { formatTable } from '../src/table.ts'

const rows: Row[] = [
  makeRow('nobg', true, 60, 800),
  makeRow('nobg-refined', true, 90, 1100),
  makeRow('transformers', false, 100, 1000),
  makeRow('rembg', false, 250, 900),
  { ...makeRow('imgly', false, 0, 0), warm: undefined, cold: undefined, failure: 'a | b' },
]

test('divides a figure by the best peer of the same model and size', () => {
  const overheads = rows.map(row => rateAgainstPeers(row, rows, one => one.warm?.overheadCpuMs))
  expect(overheads).toEqual([0.6, 0.9, 1, 2.5, undefined])
  const other = { ...rows[0], megapixels: 1 }
  expect(rateAgainstPeers(other, [other, ...rows], one => one.warm?.overheadCpuMs)).toBeUndefined()
})

test('the table has a row for each contestant, with the reason if figures are missing', () => {
  const lines = formatTable(rows).split('\n')
  expect(lines).toHaveLength(2 + rows.length)
  expect(lines[2]).toContain('| nobg | 60 | 0.60 |')
  expect(lines.at(-1)).toContain('a \\| b |')
  const cells = lines.map(line => line.split(/(?<!\\)\|/).length)
  expect(new Set(cells).size).toBe(1)
})

test('a missed aim lists the rows that miss it', () => {
  const lines = judgeAims({ rows, cache: undefined, batches: [], refinement: [], graphs: [] })
  const find = (words: string) => lines.filter(line => line.includes(words))
  expect(find('overhead without')).toEqual([expect.stringMatching(/^- met: .*\(u2netp 24 MP 0\.60\)$/)])
  expect(find('overhead with ')).toEqual([expect.stringMatching(/^- met: .*refined 0\.90\)$/)])
  expect(find('at most the best peer’s')).toEqual([
    expect.stringMatching(/^- missed: .*: u2netp 24 MP refined 1\.22 \(met elsewhere\)$/),
  ])
  expect(find('at most 600 MB')).toEqual([expect.stringMatching(/^- missed: .*MP 800\.00, .*1100\.00$/)])
  expect(find('rembg-node')).toEqual([expect.stringMatching(/^- met: /)])
  expect(lines.filter(line => line.startsWith('- not measured'))).toHaveLength(15)
})

test('the median of an even number of values is the upper one', () => {
  expect(takeMedian([3, 1, 2])).toBe(2)
  expect(takeMedian([4, 1, 3, 2])).toBe(3)
  expect(takeMedian([])).toBeNaN()
})

function makeRow(contestant: string, ours: boolean, overheadMs: number, rssMb: number): Row {
  return {
    model: 'u2netp',
    megapixels: 24,
    contestant,
    title: contestant,
    ours,
    warm: {
      overheadCpuMs: overheadMs,
      overheadWallMs: overheadMs,
      runCpuMs: 500,
      totalCpuMs: 500 + overheadMs,
      growthMb: 0,
      spread: 1,
    },
    cold: { cpuMs: 2000, wallMs: 2000, rssMb, pssMb: rssMb },
  }
}
