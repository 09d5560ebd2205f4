import type { BatchRow } from './batch/figures.ts'
import { type Column, layTable, none } from './cells.ts'
import type { Row } from './figures.ts'

/** A line of the summary: figures of one model. */
interface Line {
  text: string
  nobg: number | undefined
  refined: number | undefined
  /** The best figure of the other libraries. */
  others: number | undefined
  digits: number
}

const columns: readonly Column<Line>[] = [
  ['', ({ text }) => text],
  ['nobg', ({ nobg, digits }) => spell(nobg, digits)],
  ['nobg, refined', ({ refined, digits }) => spell(refined, digits)],
  ['best of the others', ({ others, digits }) => spell(others, digits)],
]

type Direction = 'least' | 'greatest'

/** Returns a Markdown table of the largest pictures and the longest batches, short enough for a README. Empty without figures. */
export function summarize(rows: readonly Row[], batches: readonly BatchRow[]): string {
  const lines = [...summarizeRows(rows), ...summarizeBatches(batches)]
  return lines.length > 0 ? layTable(columns, lines, 1) : ''
}

function summarizeRows(rows: readonly Row[]): Line[] {
  return [...new Set(rows.map(({ model }) => model))].flatMap(model => {
    const own = rows.filter(row => row.model === model)
    const megapixels = Math.max(...own.map(row => row.megapixels))
    const alike = own
      .filter(row => row.megapixels === megapixels)
      .map(({ contestant, ours, warm, cold }) => ({ id: contestant, ours, warm, cold }))
    const line = (
      text: string,
      digits: number,
      figureOf: (row: (typeof alike)[number]) => number | undefined,
    ) => ({
      text: `${model}, ${megapixels} MP: ${text}`,
      ...compare(alike, figureOf, 'least'),
      digits,
    })
    return [
      line('first picture of a process, CPU s', 2, ({ cold }) => cold && cold.cpuMs / 1000),
      line('next pictures, CPU s', 2, ({ warm }) => warm && warm.totalCpuMs / 1000),
      line('peak memory, MB', 0, ({ cold }) => cold?.rssMb),
      line('longest delay of the event loop, ms', 0, ({ warm }) => warm?.delay?.maxMs),
    ]
  })
}

/** The first batch of each model. */
function summarizeBatches(rows: readonly BatchRow[]): Line[] {
  const firsts = rows.filter((row, i) => rows.findIndex(({ batch }) => batch.model === row.batch.model) === i)
  return firsts.map(({ batch }) => {
    const alike = rows
      .filter(row => row.batch === batch)
      .map(({ entrant: { id, ours }, figures }) => ({ id, ours, figures }))
    const text = `${batch.model}, ${batch.count} pictures of ${batch.sizes.join(', ')} MP: pictures per minute`
    return { text, ...compare(alike, ({ figures }) => figures?.picturesPerMinute, 'greatest'), digits: 1 }
  })
}

function compare<Entrant extends { id: string; ours: boolean }>(
  entrants: readonly Entrant[],
  figureOf: (entrant: Entrant) => number | undefined,
  best: Direction,
): Pick<Line, 'nobg' | 'refined' | 'others'> {
  const take = (which: (entrant: Entrant) => boolean) => {
    const figures = entrants.filter(which).flatMap(entrant => figureOf(entrant) ?? [])
    if (figures.length > 0) return best === 'least' ? Math.min(...figures) : Math.max(...figures)
  }
  return {
    nobg: take(({ id }) => id === 'nobg'),
    refined: take(({ id }) => id === 'nobg-refined'),
    others: take(({ ours }) => !ours),
  }
}

function spell(value: number | undefined, digits: number): string {
  return value === undefined ? none : value.toFixed(digits)
}
