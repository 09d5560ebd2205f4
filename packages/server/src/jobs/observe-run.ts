import type { CutoutRequest, Outcome, Run } from '../requests/request.ts'

/** A request that has ended: how long it waited, and how long it ran, in seconds. */
export type OnEnd = (
  request: CutoutRequest,
  outcome: Outcome,
  waitSeconds: number,
  runSeconds: number,
) => void

/** The same function, whose runs are told of. */
export function observeRun(run: Run, onEnd: OnEnd): Run {
  return async (request, context) => {
    const waitSeconds = Math.max(0, Date.now() - request.createdAt) / 1000
    const started = performance.now()
    const outcome = await run(request, context)
    onEnd(request, outcome, waitSeconds, (performance.now() - started) / 1000)
    return outcome
  }
}
