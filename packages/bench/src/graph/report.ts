import type { GraphFigures } from './run-graph.ts'

/** One row of the table: one graph, the best of its processes. */
export interface GraphRow {
  title: string
  bytes: number
  createCpuMs: number
  /** The least of all runs: what else the machine does can only add to it. */
  runCpuMs: number
  /** Peak RSS by the end of the first run, and of the last. */
  firstPeakMb: number
  laterPeakMb: number
  /** Resident after the last run. */
  keptMb: number
}

/** A column: its heading, what it reads, and how that is written. */
type Column = [heading: string, figureOf: (row: GraphRow) => number, format: (figure: number) => string]

const columns: readonly Column[] = [
  ['file MB', row => row.bytes / 1e6, figure => figure.toFixed(1)],
  ['create CPU s', row => row.createCpuMs / 1000, figure => figure.toFixed(1)],
  ['run CPU s', row => row.runCpuMs / 1000, figure => figure.toFixed(2)],
  ['peak MB, first run', row => row.firstPeakMb, figure => figure.toFixed(0)],
  ['peak MB, later', row => row.laterPeakMb, figure => figure.toFixed(0)],
  ['kept MB', row => row.keptMb, figure => figure.toFixed(0)],
]

/** What one graph costs, of the figures of several processes: the least times, the greatest memory. */
export function takeBest(processes: readonly GraphFigures[]): Omit<GraphRow, 'title' | 'bytes'> {
  return {
    createCpuMs: Math.min(...processes.map(({ createCpuMs }) => createCpuMs)),
    runCpuMs: Math.min(...processes.flatMap(({ runs }) => runs.map(({ cpuMs }) => cpuMs))),
    firstPeakMb: Math.max(...processes.map(({ runs }) => runs[0].peakMb)),
    laterPeakMb: Math.max(...processes.map(({ runs }) => runs[runs.length - 1].peakMb)),
    keptMb: Math.max(...processes.map(({ keptMb }) => keptMb)),
  }
}

/** Two graphs as a Markdown table, with the second's figures over the first's as its last row. */
export function formatGraphs([stock, light]: readonly [GraphRow, GraphRow]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const cellsOf = (row: GraphRow) => columns.map(([, figureOf, format]) => format(figureOf(row)))
  return [
    line(['graph', ...columns.map(([heading]) => heading)]),
    line([':--', ...columns.map(() => '--:')]),
    line([stock.title, ...cellsOf(stock)]),
    line([light.title, ...cellsOf(light)]),
    line(['×', ...columns.map(([, figureOf]) => (figureOf(light) / figureOf(stock)).toFixed(2))]),
  ].join('\n')
}
