import { type Aim, atMost } from '../aim.ts'
import { describeAims } from '../aims.ts'
import { type Column, layTable, round } from '../cells.ts'
import type { HostMemory } from './sample-memory.ts'

/** Memory of a host in the course of a series. */
export interface SeriesFigures {
  title: string
  samples: ({ pictures: number } & HostMemory)[]
}

/** Numbers of pictures after which the memory is measured, and the last number. */
const CHECKPOINTS = [10, 100, 200, 300, 400, 500]
/** Numbers of pictures between which the memory must not grow by more than the limit. */
const SPANS = [
  [10, 100],
  [100, 500],
] as const
const LIMIT = 1.05

/** Returns the numbers of pictures after which the memory is measured, ascending. */
export function listCheckpoints(pictures: number): number[] {
  return [...CHECKPOINTS.filter(checkpoint => checkpoint < pictures), pictures]
}

interface Row extends HostMemory {
  title: string
  pictures: number
}

const columns: readonly Column<Row>[] = [
  ['host', ({ title }) => title],
  ['pictures', ({ pictures }) => String(pictures)],
  ['main process, MB', ({ mainMb }) => round(mainMb)],
  ['its children, MB', ({ childrenMb }) => childrenMb.map(Math.round).join(', ')],
  ['all processes, MB', ({ treeMb }) => round(treeMb)],
]

/** Formats the figures as a Markdown table, with a line per aim. */
export function reportSeries(figures: readonly SeriesFigures[]): string {
  const rows = figures.flatMap(({ title, samples }) => samples.map(sample => ({ title, ...sample })))
  return [layTable(columns, rows, 1), '', ...describeAims(listSeriesAims(figures))].join('\n')
}

/** Whether all aims that were measured are met. */
export function areSeriesAimsMet(figures: readonly SeriesFigures[]): boolean {
  return listSeriesAims(figures).every(aim => aim.figures.every(({ value }) => aim.isMet(value)))
}

function listSeriesAims(figures: readonly SeriesFigures[]): Aim[] {
  return SPANS.map(([from, to]) =>
    atMost(
      LIMIT,
      `memory after ${to} pictures at most ${LIMIT} × that after ${from}`,
      figures.flatMap(({ title, samples }) => {
        const [before, after] = [from, to].map(count => samples.find(({ pictures }) => pictures === count))
        if (!before || !after) return []
        return [
          { where: `${title}, main process`, value: after.mainMb / before.mainMb },
          { where: `${title}, all processes`, value: after.treeMb / before.treeMb },
        ]
      }),
    ),
  )
}
