import type { GraphFigures } from './run-graph.ts'

/** One row of the table: the best figures of one graph. */
export interface GraphRow {
  title: string
  bytes: number
  createCpuMs: number
  /** The least of all runs, because other load can only add to it. */
  runCpuMs: number
  /** Peak RSS up to the end of the first run, and of the last run. */
  firstPeakMb: number
  laterPeakMb: number
  /** RSS after the last run. */
  keptMb: number
}

/** A column: heading, figure and format. */
type Column = [heading: string, figureOf: (row: GraphRow) => number, format: (figure: number) => string]

const columns: readonly Column[] = [
  ['file MB', row => row.bytes / 1e6, figure => figure.toFixed(1)],
  ['create CPU s', row => row.createCpuMs / 1000, figure => figure.toFixed(1)],
  ['run CPU s', row => row.runCpuMs / 1000, figure => figure.toFixed(2)],
  ['peak MB, first run', row => row.firstPeakMb, figure => figure.toFixed(0)],
  ['peak MB, later', row => row.laterPeakMb, figure => figure.toFixed(0)],
  ['kept MB', row => row.keptMb, figure => figure.toFixed(0)],
]

/** Combines the figures of several processes of one graph: the least times, the greatest memory. */
export function takeBest(processes: readonly GraphFigures[]): Omit<GraphRow, 'title' | 'bytes'> {
  return {
    createCpuMs: Math.min(...processes.map(({ createCpuMs }) => createCpuMs)),
    runCpuMs: Math.min(...processes.flatMap(({ runs }) => runs.map(({ cpuMs }) => cpuMs))),
    firstPeakMb: Math.max(...processes.map(({ runs }) => runs[0].peakMb)),
    laterPeakMb: Math.max(...processes.map(({ runs }) => runs[runs.length - 1].peakMb)),
    keptMb: Math.max(...processes.map(({ keptMb }) => keptMb)),
  }
}

/** Formats two graphs as a Markdown table. The last row divides the second graph's figures by the first's. */
export function formatGraphs([original, optimized]: readonly [GraphRow, GraphRow]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const cellsOf = (row: GraphRow) => columns.map(([, figureOf, format]) => format(figureOf(row)))
  return [
    line(['graph', ...columns.map(([heading]) => heading)]),
    line([':--', ...columns.map(() => '--:')]),
    line([original.title, ...cellsOf(original)]),
    line([optimized.title, ...cellsOf(optimized)]),
    line(['×', ...columns.map(([, figureOf]) => (figureOf(optimized) / figureOf(original)).toFixed(2))]),
  ].join('\n')
}
