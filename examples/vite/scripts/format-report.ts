import { basename } from 'node:path'
import type { CutoutReport } from 'unplugin-nobg/vite'

const STAGES = ['queue', 'decode', 'prepare', 'inference', 'foreground', 'encode', 'total'] as const

/** Milliseconds per stage of each picture that was not cached; empty if all were cached. */
export function formatTimings(reports: CutoutReport[]): string[] {
  const made = reports.filter(({ cached }) => !cached)
  if (made.length === 0) return []
  const rows = made.map(({ file, timings }) => [
    basename(file),
    ...STAGES.map(stage => timings[stage]?.toFixed(0) ?? '–'),
  ])
  return alignColumns([['ms', ...STAGES], ...rows])
}

/** `4 of 4 from the cache, 3.4 s saved, built in 0.6 s` */
export function formatSummary(reports: CutoutReport[], buildMs: number): string {
  const cached = reports.filter(report => report.cached)
  const savedMs = cached.reduce((sum, report) => sum + report.savedMs, 0)
  const saved = savedMs > 0 ? `${formatSeconds(savedMs)} saved, ` : ''
  return `${cached.length} of ${reports.length} from the cache, ${saved}built in ${formatSeconds(buildMs)}.`
}

/** Pads cells to columns: the first to the right of its text, the others to the left. */
export function alignColumns(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  return rows.map(row =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  '),
  )
}

function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
