import { EXIT_CODES, exitCodeOfAll } from '../exit-codes.ts'
import type { PictureOutcome, Report, Summary } from './report.ts'

/** Records the outcome of one picture and passes it to the report. */
export type Finish = (outcome: PictureOutcome) => void

/**
 * Runs `work` and reports its start, its outcomes and its end, even if `work` throws.
 *
 * @param total pictures, or models to pull
 * @param work calls `finish` once per picture or model; the others count as untried
 * @returns the exit code
 */
export async function reportRun(
  report: Report,
  total: number,
  signal: AbortSignal,
  work: (finish: Finish) => Promise<void>,
): Promise<number> {
  const started = performance.now()
  const outcomes: PictureOutcome[] = []
  report.start(total)
  try {
    await work(outcome => {
      outcomes.push(outcome)
      report.finish(outcome)
    })
  } finally {
    const failures = outcomes.filter(({ status }) => status === 'failed')
    report.end(summarize(outcomes, total, started), failures)
  }
  return signal.aborted ? EXIT_CODES.ABORTED : exitCodeOfAll(outcomes.flatMap(({ error }) => error ?? []))
}

function summarize(outcomes: readonly PictureOutcome[], total: number, started: number): Summary {
  const count = (status: PictureOutcome['status']) =>
    outcomes.filter(outcome => outcome.status === status).length
  return {
    written: count('written'),
    skipped: count('skipped'),
    failed: count('failed'),
    planned: count('planned'),
    untried: total - outcomes.length,
    ms: Math.round(performance.now() - started),
  }
}
