/** How long a store may take. */
export interface CircuitBreakerLimits {
  /** An operation is given up after this time: 10 s by default. */
  answerWithinMs?: number
  /** … or this long after the store has reported any error, which may or may not concern it: 1 s by default. */
  afterErrorMs?: number
  /** After giving up, nothing is asked of the store for this time: 30 s by default. */
  restMs?: number
}

/** Limited breaker with a store that may never answer. */
interface CircuitBreaker {
  /** The outcome of `work`, or `undefined` if it took too long or was not even begun. */
  run<T>(work: () => Promise<T>): Promise<T | undefined>
  /** To be called when the store reports an error: clients that reconnect for ever report errors and never answer. */
  hurry(): void
}

/** Creates the breaker for one store; `onGiveUp` hears each time an operation is given up. */
export function createCircuitBreaker(
  onGiveUp: (error: Error) => void,
  limits: CircuitBreakerLimits = {},
): CircuitBreaker {
  const { answerWithinMs = 10_000, afterErrorMs = 1_000, restMs = 30_000 } = limits
  const waiting = new Set<() => void>()
  let restUntilMs = 0

  function limitTime(waitMs: number): { over: Promise<undefined>; hurry: () => void; stop: () => void } {
    let timer: NodeJS.Timeout
    let giveUp: () => void
    const over = new Promise<undefined>(resolve => {
      giveUp = () => {
        restUntilMs = Date.now() + restMs
        onGiveUp(new Error('the store does not answer'))
        resolve(undefined)
      }
      timer = setTimeout(giveUp, waitMs)
    })
    const hurry = () => {
      // Once only: a client that reports an error per attempt must not renew the time it has.
      waiting.delete(hurry)
      clearTimeout(timer)
      timer = setTimeout(giveUp, Math.min(waitMs, afterErrorMs))
    }
    return { over, hurry, stop: () => clearTimeout(timer) }
  }

  return {
    async run(work) {
      if (Date.now() < restUntilMs) return undefined
      const { over, hurry, stop } = limitTime(answerWithinMs)
      waiting.add(hurry)
      try {
        return await Promise.race([work(), over])
      } finally {
        waiting.delete(hurry)
        stop()
      }
    },
    hurry() {
      for (const hurry of [...waiting]) hurry()
    },
  }
}
