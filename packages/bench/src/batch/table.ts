import { type Column, joinTwo, layTable, ratio, seconds } from '../cells.ts'
import { describeBatch } from './batches.ts'
import { type BatchRow, rateBatch } from './figures.ts'

/** `×`: pictures per minute, divided by the best peer's. */
const columns: readonly Column<BatchRow>[] = [
  ['batch', ({ batch }) => describeBatch(batch)],
  ['pipeline', ({ entrant, failure }) => (failure ? `${entrant.title}: ${failure}` : entrant.title)],
  ['pictures per minute', ({ figures }) => ratio(figures?.picturesPerMinute)],
  ['×', (row, rows) => ratio(rateBatch(row, rows))],
  ['CPU s per picture', ({ figures }) => seconds(figures?.cpuMs)],
  ['wall ÷ N runs', ({ figures }) => ratio(figures?.overInference)],
  ['running', ({ figures }) => ratio(figures?.runShare)],
  ['cores busy', ({ figures }) => ratio(figures?.coresBusy)],
  ['idle', ({ figures }) => ratio(figures?.idleShare)],
  ['peak RSS MB early / all', ({ figures }) => joinTwo(figures?.earlyRssMb, figures?.rssMb)],
  ['loop p99 / max ms', ({ figures }) => joinTwo(figures?.delay.p99Ms, figures?.delay.maxMs)],
  ['elsewhere', ({ figures }) => joinTwo(figures?.delayElsewhere.p99Ms, figures?.delayElsewhere.maxMs)],
]

/** Formats the batches as a Markdown table. A row without figures has the reason next to its name. */
export function formatBatches(rows: readonly BatchRow[]): string {
  return layTable(columns, rows, 2)
}
