import { NobgError, type Progress } from '@nobg/core'
import { abbreviate, formatBytes, hideCredentials } from '@nobg/core/internal'
import { spellHint } from './spell-hint.ts'

/** `1.2 s`, `340 ms` */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** `███████░░░` */
export function drawBar(share: number, width = 24): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}

/** The stage of a picture in words: `encoding`. */
export function describeStage(progress: Progress): string {
  const { stage, done, total, model } = progress
  const stages = {
    download: `downloading ${model} ${drawBar(done / total)} ${describeDownload(progress)}`,
    queue: 'waiting',
    inference: `predicting the matte (${model})`,
    encode: 'encoding',
  }
  return stages[stage]
}

/** `34 % of 224 MB, 5.2 MB/s, 28 s left` */
export function describeDownload({ done, total, bytesPerSecond, remainingMs }: Progress): string {
  const share = `${Math.floor((done / total) * 100)} % of ${formatBytes(total)}`
  if (bytesPerSecond === undefined || remainingMs === undefined || done === total) return share
  return `${share}, ${formatBytes(bytesPerSecond)}/s, ${formatDuration(remainingMs)} left`
}

/** `28 s`, `4 min`, `1 h 10 min` */
function formatDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Lines of a table. Cells are padded to the width of their column, except in the last column. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  return rows.map(row =>
    row.map((cell, column) => (column < row.length - 1 ? cell.padEnd(widths[column]) : cell)).join('  '),
  )
}

/** A path without control characters: they are written as JSON escapes, so that none reaches the terminal. */
export function formatPath(path: string): string {
  return path.replace(/\p{Cc}/gu, character => JSON.stringify(character).slice(1, -1))
}

/** Longest message or stack of an error of another program, in characters: it may contain a picture. */
const MAX_LENGTH = 4000

/** An error as text: code, message, hint. */
export function formatError(error: unknown): string {
  if (error instanceof NobgError) {
    const hint = spellHint(error.hint)
    return [`[${error.code}] ${error.message}`, ...(hint ? [hint] : [])].join('\n  ')
  }
  // Any other error without a code is a bug in nobg: its stack helps to find it.
  const { code, message, stack } = error as NodeJS.ErrnoException
  return abbreviate(hideCredentials(code ? String(message) : (stack ?? String(error))), MAX_LENGTH)
}

/** An error as JSON. */
export function describeError(error: unknown): { code: string; message: string; hint?: string } {
  const { code = 'UNEXPECTED', message, ...rest } = error as NobgError & NodeJS.ErrnoException
  const hint = spellHint(rest.hint)
  return { code, message: abbreviate(hideCredentials(String(message)), MAX_LENGTH), ...(hint && { hint }) }
}
