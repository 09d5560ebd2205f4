import type { CutoutRequest, Outcome, Run } from '../requests/request.ts'

/** Is called for each request that has ended, with the seconds that it waited and ran. */
export type OnEnd = (
  request: CutoutRequest,
  outcome: Outcome,
  waitSeconds: number,
  runSeconds: number,
) => void

/** Wraps a function that runs requests; calls `onEnd` after each run. */
export function observeRun(run: Run, onEnd: OnEnd): Run {
  return async (request, context) => {
    const waitSeconds = Math.max(0, Date.now() - request.createdAt) / 1000
    const started = performance.now()
    const outcome = await run(request, context)
    onEnd(request, outcome, waitSeconds, (performance.now() - started) / 1000)
    return outcome
  }
}
