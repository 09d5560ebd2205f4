import { boundTimer } from '../requests/bound-timer.ts'
import { canceled, tookTooLong } from '../requests/outcomes.ts'
import type { Outcome, Run } from '../requests/request.ts'

/**
 * Wraps a function that runs requests. A run ends at the limit, and as soon as it is canceled: a decoder cannot be
 * interrupted, and its request must not hold the slot of others.
 */
export function limitRun(run: Run, maxMs: number): Run {
  return async (request, context) => {
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), boundTimer(maxMs))
    const signal = AbortSignal.any([context.signal, limit.signal])
    const stopped = new Promise<Outcome>(resolve => {
      const stop = () => resolve(context.signal.aborted ? canceled : tookTooLong(maxMs / 1000))
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, { once: true })
    })
    // A run that is left behind ends with an error that nobody waits for.
    const result = run(request, { ...context, signal }).catch(error => {
      if (signal.aborted) return stopped
      throw error
    })
    try {
      return await Promise.race([stopped, result])
    } finally {
      clearTimeout(timer)
    }
  }
}
