import { type Column, joinTwo, layTable, ratio, seconds } from '../cells.ts'
import { describeBatch } from './batches.ts'
import { type BatchRow, rateBatch } from './figures.ts'

/** `×`: pictures a minute over the best peer's. */
const columns: readonly Column<BatchRow>[] = [
  ['batch', ({ batch }) => describeBatch(batch)],
  ['pipeline', ({ entrant, failure }) => (failure ? `${entrant.title}: ${failure}` : entrant.title)],
  ['pictures a minute', ({ figures }) => ratio(figures?.picturesPerMinute)],
  ['×', (row, rows) => ratio(rateBatch(row, rows))],
  ['CPU s a picture', ({ figures }) => seconds(figures?.cpuMs)],
  ['wall ÷ N runs', ({ figures }) => ratio(figures?.overInference)],
  ['running', ({ figures }) => ratio(figures?.runShare)],
  ['cores busy', ({ figures }) => ratio(figures?.coresBusy)],
  ['idle', ({ figures }) => ratio(figures?.idleShare)],
  ['peak RSS MB early / all', ({ figures }) => joinTwo(figures?.earlyRssMb, figures?.rssMb)],
  ['loop p99 / max ms', ({ figures }) => joinTwo(figures?.delay.p99Ms, figures?.delay.maxMs)],
  ['elsewhere', ({ figures }) => joinTwo(figures?.delayElsewhere.p99Ms, figures?.delayElsewhere.maxMs)],
]

/** All batches as one Markdown table. A row without figures says why beside its name. */
export function formatBatches(rows: readonly BatchRow[]): string {
  return layTable(columns, rows, 2)
}
