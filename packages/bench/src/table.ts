import { type Column, joinTwo, layTable, none, ratio, round, seconds } from './cells.ts'
import { type Row, rateAgainstPeers } from './figures.ts'

/** `×`: the figure in the column before, divided by the best peer's. */
const columns: readonly Column<Row>[] = [
  ['model', row => row.model],
  ['MP', row => String(row.megapixels)],
  ['pipeline', row => row.title],
  ['overhead CPU ms', row => round(row.warm?.overheadCpuMs)],
  ['×', (row, rows) => ratio(rateAgainstPeers(row, rows, overheadCpuOf))],
  ['overhead wall ms', row => round(row.warm?.overheadWallMs)],
  ['×', (row, rows) => ratio(rateAgainstPeers(row, rows, one => one.warm?.overheadWallMs))],
  ['run CPU ms', row => round(row.warm?.runCpuMs)],
  ['all ÷ run', row => ratio(row.warm && row.warm.totalCpuMs / row.warm.runCpuMs)],
  ['loop p99 / max ms', row => joinTwo(row.warm?.delay?.p99Ms, row.warm?.delay?.maxMs)],
  ['grows MB', row => round(row.warm?.growthMb)],
  ['cold CPU s', row => seconds(row.cold?.cpuMs)],
  ['×', (row, rows) => ratio(rateAgainstPeers(row, rows, one => one.cold?.cpuMs))],
  ['peak RSS / PSS MB', row => joinTwo(row.cold?.rssMb, row.cold?.pssMb)],
  ['×', (row, rows) => ratio(rateAgainstPeers(row, rows, peakRssOf))],
  ['stages, wall ms', row => row.failure ?? listStages(row.warm?.stages)],
]

export const overheadCpuOf = (row: Row) => row.warm?.overheadCpuMs
export const peakRssOf = (row: Row) => row.cold?.rssMb

/** Formats the rows as a Markdown table. The last cell of a row without figures has the reason. */
export function formatTable(rows: readonly Row[]): string {
  return layTable(columns, rows, 3)
}

function listStages(stages: Record<string, number> | undefined): string {
  if (!stages) return none
  return Object.entries(stages)
    .map(([stage, ms]) => `${stage} ${round(ms)}`)
    .join(', ')
}
