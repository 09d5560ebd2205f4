import { createJsonReport } from './json.ts'
import { createLiveReport } from './live.ts'
import { createPlainReport, createQuietReport } from './plain.ts'
import type { Report, Subject } from './report.ts'

/** The report that the flags and the terminal ask for. */
export function createReport(
  { json = false, quiet = false }: { json?: boolean; quiet?: boolean },
  subject: Subject = 'picture',
): Report {
  if (json) return createJsonReport(quiet, subject)
  if (quiet) return createQuietReport()
  // A terminal that claims to have no columns would have ora wrap lines for ever.
  const isLive = process.stderr.isTTY && process.stderr.columns > 0 && !process.env.CI
  return isLive ? createLiveReport() : createPlainReport()
}
