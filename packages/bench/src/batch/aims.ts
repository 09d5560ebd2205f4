import { type Aim, atMost, type Finding } from '../aim.ts'
import { describeBatch } from './batches.ts'
import { type BatchFigures, type BatchRow, rateBatch } from './figures.ts'

/** Returns the aims for batches. */
export function listBatchAims(rows: readonly BatchRow[]): Aim[] {
  const ours = rows.filter(({ entrant }) => entrant.ours)
  const plain = ours.filter(({ entrant }) => entrant.id === 'nobg')
  const toFindings = (row: BatchRow, value: number | undefined): Finding[] => {
    const where = `${describeBatch(row.batch)}${row.entrant.id === 'nobg' ? '' : ' refined'}`
    return value === undefined ? [] : [{ where, value }]
  }
  const find = (some: readonly BatchRow[], figureOf: (figures: BatchFigures) => number) =>
    some.flatMap(row => toFindings(row, row.figures && figureOf(row.figures)))
  return [
    {
      text: 'a batch: at least as many pictures per minute as transformers.js at its best',
      figures: ours.flatMap(row => toFindings(row, rateBatch(row, rows))),
      isMet: value => value >= 1,
    },
    atMost(
      1.1,
      'a batch of N pictures takes N × the inference (wall, at most 1.1 ×)',
      find(plain, ({ overInference }) => overInference),
    ),
    atMost(
      1.1,
      'a batch takes at most 1.1 × its CPU time ÷ the number of cores (wall)',
      find(ours, ({ overCpu }) => overCpu),
    ),
    atMost(
      50,
      'the event loop of a batch is at most 50 ms late at the 99th percentile',
      find(ours, ({ delay }) => delay.p99Ms),
    ),
    atMost(
      1.1,
      'the memory of a batch does not grow with its size (peak of all pictures ÷ peak of the first, at most 1.1)',
      find(ours, ({ rssMb, earlyRssMb }) => rssMb / earlyRssMb),
    ),
  ]
}
