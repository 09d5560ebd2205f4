import { z } from 'zod'
import { atLeast, parseFields } from '../shared/fields.ts'

/** Time limits of a store. */
export interface CircuitBreakerLimits {
  /** An operation times out after this time, ms. Default: 10 s. */
  answerWithinMs?: number
  /** After the store reports an error, pending operations time out after this time, ms. Default: 1 s. */
  afterErrorMs?: number
  /** After a timeout the store is not used for this time, ms. Default: 30 s. */
  restMs?: number
}

const limitsSchema = z.strictObject({
  answerWithinMs: atLeast(0),
  afterErrorMs: atLeast(0),
  restMs: atLeast(0),
} satisfies Record<keyof CircuitBreakerLimits, z.ZodType>)

/** Checks the limits. @throws {NobgError} INVALID_OPTION */
export function parseLimits(limits: CircuitBreakerLimits = {}): CircuitBreakerLimits {
  const label = (name: string) => `tieredStore, ${name}`
  return parseFields(limitsSchema, limits, {
    label,
    noun: 'limit of tieredStore',
    plural: 'limits of tieredStore',
  })
}

/** Limits the time of operations on a store that may never answer. */
interface CircuitBreaker {
  /** Runs an operation. `undefined` if it timed out, or did not start because the store timed out recently. */
  run<T>(operation: () => Promise<T>): Promise<T | undefined>
  /** Call this when the store reports an error: clients that reconnect forever report errors and never answer. */
  hurry(): void
}

/** Creates the breaker for one store. `onTimeout` is called each time that an operation times out. */
export function createCircuitBreaker(
  onTimeout: (error: Error) => void,
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
        onTimeout(new Error('the store does not answer'))
        resolve(undefined)
      }
      timer = setTimeout(giveUp, waitMs)
    })
    const hurry = () => {
      // Once only: a client that reports an error per attempt must not extend its time.
      waiting.delete(hurry)
      clearTimeout(timer)
      timer = setTimeout(giveUp, Math.min(waitMs, afterErrorMs))
    }
    return { over, hurry, stop: () => clearTimeout(timer) }
  }

  return {
    async run(operation) {
      if (Date.now() < restUntilMs) return undefined
      const { over, hurry, stop } = limitTime(answerWithinMs)
      waiting.add(hurry)
      try {
        return await Promise.race([operation(), over])
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
