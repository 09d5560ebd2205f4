import { describeError } from './format.ts'
import { createMilestones } from './milestones.ts'
import { writeLine } from './plain.ts'
import type { Report, ReportSubject } from './report.ts'

/**
 * One JSON object per line on stdout: `{ type: 'picture', … }` for each picture, `{ type: 'summary', … }` at the end. For
 * models `{ type: 'model', … }`, and `{ type: 'download', … }` at each hundredth of a download.
 */
export function createJsonReport(isQuiet: boolean, subject: ReportSubject): Report {
  const isMilestone = createMilestones(100)
  return {
    note: isQuiet ? () => {} : writeLine,
    start() {},
    progress(_, progress) {
      if (subject !== 'model' || !isMilestone(progress)) return
      const { stage: type, ...rest } = progress
      writeJson({ type, ...rest })
    },
    finish: ({ error, ...outcome }) =>
      writeJson({ type: subject, ...outcome, ...(error !== undefined && { error: describeError(error) }) }),
    end: summary => writeJson({ type: 'summary', ...summary }),
  }
}

function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
