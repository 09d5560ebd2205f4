import { exitCodeOfAll, exitCodes } from '../exit-codes.ts'
import type { Outcome, Report, Summary } from './report.ts'

/** Takes note of what became of one picture, and tells the report. */
export type Finish = (outcome: Outcome) => void

/**
 * Tells a report of a run from its start to its end, even where the work throws.
 *
 * @param total pictures, or models to pull
 * @param work what it has not given to `finish` when it is over counts as untried.
 * @returns the exit code
 */
export async function reportRun(
  report: Report,
  total: number,
  signal: AbortSignal,
  work: (finish: Finish) => Promise<void>,
): Promise<number> {
  const started = performance.now()
  const outcomes: Outcome[] = []
  report.start(total)
  try {
    await work(outcome => {
      outcomes.push(outcome)
      report.finish(outcome)
    })
  } finally {
    const failures = outcomes.filter(({ status }) => status === 'failed')
    report.end(summarise(outcomes, total, started), failures)
  }
  return signal.aborted ? exitCodes.ABORTED : exitCodeOfAll(outcomes.flatMap(({ error }) => error ?? []))
}

function summarise(outcomes: readonly Outcome[], total: number, started: number): Summary {
  const count = (status: Outcome['status']) => outcomes.filter(outcome => outcome.status === status).length
  return {
    written: count('written'),
    skipped: count('skipped'),
    failed: count('failed'),
    planned: count('planned'),
    untried: total - outcomes.length,
    ms: Math.round(performance.now() - started),
  }
}
