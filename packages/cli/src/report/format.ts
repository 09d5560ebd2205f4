import { NobgError, type Progress } from '@nobg/core'

/** `1.2 s`, `340 ms` */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** `224 MB`, `1.1 GB`, `4.6 MB`, `12 kB` */
export function formatBytes(bytes: number): string {
  const [unit, name] = bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB']
  const number = bytes / Number(unit)
  return `${number < 10 ? number.toFixed(1) : Math.round(number)} ${name}`
}

/** `███████░░░` */
export function drawBar(share: number, width = 24): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}

/** What is being done to a picture, in words. */
export function describeStage({ stage, done, total, model }: Progress): string {
  const stages = {
    download: `fetching ${model} ${drawBar(done / total)} ${formatBytes(done)} of ${formatBytes(total)}`,
    queue: 'waiting',
    inference: `looking for the subject (${model})`,
    encode: 'encoding',
  }
  return stages[stage]
}

/** Columns of text, each as wide as its widest cell; the last one is left as it is. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  return rows.map(row =>
    row.map((cell, column) => (column < row.length - 1 ? cell.padEnd(widths[column]) : cell)).join('  '),
  )
}

/** An error as one block: the code, what happened, what to do. */
export function formatError(error: unknown): string {
  if (error instanceof NobgError) {
    return [`[${error.code}] ${error.message}`, ...(error.hint ? [error.hint] : [])].join('\n  ')
  }
  // An error of the system explains itself; any other is a fault of ours, and its stack is what helps.
  const { code, message, stack } = error as NodeJS.ErrnoException
  return code ? message : (stack ?? String(error))
}

/** An error as data. */
export function describeError(error: unknown): { code: string; message: string; hint?: string } {
  const { code = 'UNEXPECTED', message, hint } = error as NobgError & NodeJS.ErrnoException
  return { code, message, ...(hint && { hint }) }
}
