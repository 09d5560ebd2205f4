import { setTimeout } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'
import { createCircuitBreaker } from '../../src/cache/circuit-breaker.ts'

const never = () => new Promise<never>(() => {})
const limits = { answerWithinMs: 20, afterErrorMs: 1, restMs: 60_000 }

describe('createCircuitBreaker', () => {
  it('returns the result of an operation, also after an error', async () => {
    const breaker = createCircuitBreaker(() => expect.unreachable(), { afterErrorMs: 1_000 })
    const outcome = breaker.run(() => setTimeout(5, 'late'))
    breaker.hurry()
    expect(await outcome).toBe('late')
    await expect(breaker.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  it('times out, reports it, and then starts no operation for a while', async () => {
    const errors: Error[] = []
    const breaker = createCircuitBreaker(error => errors.push(error), limits)
    expect(await breaker.run(never)).toBeUndefined()
    expect(errors).toMatchObject([{ message: 'the store does not answer' }])
    expect(await breaker.run(async () => expect.unreachable())).toBeUndefined()
  })

  it('starts operations again after the rest', async () => {
    const breaker = createCircuitBreaker(() => {}, { ...limits, restMs: 0 })
    expect(await breaker.run(never)).toBeUndefined()
    expect(await breaker.run(async () => 1)).toBe(1)
  })

  it('does not extend the time if errors are reported repeatedly', async () => {
    const breaker = createCircuitBreaker(() => {}, { ...limits, answerWithinMs: 2 ** 30 })
    const reports = setInterval(() => breaker.hurry(), 1)
    expect(await breaker.run(never)).toBeUndefined()
    clearInterval(reports)
  })
})
