import { createJsonReport } from './json.ts'
import { createLiveReport } from './live.ts'
import { createPlainReport, createQuietReport } from './plain.ts'
import type { Report, ReportSubject } from './report.ts'

/** The kind of report that fits the flags and the terminal. */
export function createReport(
  { json = false, quiet = false }: { json?: boolean; quiet?: boolean },
  subject: ReportSubject = 'picture',
): Report {
  if (json) return createJsonReport(quiet, subject)
  if (quiet) return createQuietReport()
  // On a terminal that reports no columns ora would wrap lines forever.
  const isLive = process.stderr.isTTY && process.stderr.columns > 0 && !process.env.CI
  return isLive ? createLiveReport() : createPlainReport()
}
