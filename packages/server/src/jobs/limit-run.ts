import { boundTimer } from '../requests/bound-timer.ts'
import { canceled, tookTooLong } from '../requests/outcomes.ts'
import type { Outcome, Run, RunContext } from '../requests/request.ts'

/**
 * Wraps a function that runs requests. A run ends at the limit, and as soon as it is canceled: a decoder cannot be
 * interrupted, and its request must not hold the slot of others. Waiting for a slot after a fetch does not count: it depends on
 * other requests, and each of them has the same limit.
 */
export function limitRun(run: Run, maxMs: number): Run {
  return async (request, context) => {
    const timer = createTimer(maxMs)
    const signal = AbortSignal.any([context.signal, timer.signal])
    let stop = () => {}
    const stopped = new Promise<Outcome>(resolve => {
      stop = () => resolve(context.signal.aborted ? canceled : tookTooLong(maxMs / 1000))
    })
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    // A run that is left behind ends with an error that nobody waits for.
    const result = run(request, { ...context, signal, yieldSlot: pauseTimer(timer, context) }).catch(
      error => {
        if (signal.aborted) return stopped
        throw error
      },
    )
    try {
      return await Promise.race([stopped, result])
    } finally {
      timer.stop()
      // Node keeps a combined signal that has a listener, and what the listener refers to, for ever.
      signal.removeEventListener('abort', stop)
    }
  }
}

/** @returns `yieldSlot` of a run, whose timer pauses from the end of the job until the run has a slot again */
function pauseTimer(timer: Timer, { yieldSlot }: RunContext): RunContext['yieldSlot'] {
  return (
    yieldSlot &&
    (async job => {
      try {
        return await yieldSlot(() => job().finally(timer.pause))
      } finally {
        timer.resume()
      }
    })
  )
}

interface Timer {
  /** Fires when the timer has run for its time. */
  signal: AbortSignal
  pause(): void
  /** Does nothing after `stop`. */
  resume(): void
  stop(): void
}

function createTimer(ms: number): Timer {
  const over = new AbortController()
  let leftMs = ms
  let resumedAt = 0
  let timeout: NodeJS.Timeout | undefined
  let isStopped = false

  function resume(): void {
    if (isStopped) return
    resumedAt = performance.now()
    timeout = setTimeout(() => over.abort(), boundTimer(leftMs))
  }

  resume()
  return {
    signal: over.signal,
    resume,
    pause() {
      clearTimeout(timeout)
      leftMs -= performance.now() - resumedAt
    },
    stop() {
      isStopped = true
      clearTimeout(timeout)
    },
  }
}
