import { setTimeout } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'
import { createCircuitBreaker } from '../../src/cache/circuit-breaker.ts'

const never = () => new Promise<never>(() => {})
const limits = { answerWithinMs: 20, afterErrorMs: 1, restMs: 60_000 }

describe('createCircuitBreaker', () => {
  it('passes on what answers, even after an error', async () => {
    const breaker = createCircuitBreaker(() => expect.unreachable(), { afterErrorMs: 1_000 })
    const outcome = breaker.run(() => setTimeout(5, 'late'))
    breaker.hurry()
    expect(await outcome).toBe('late')
    await expect(breaker.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  it('gives up on what never answers, says so, and then asks nothing for a while', async () => {
    const errors: Error[] = []
    const breaker = createCircuitBreaker(error => errors.push(error), limits)
    expect(await breaker.run(never)).toBeUndefined()
    expect(errors).toMatchObject([{ message: 'the store does not answer' }])
    expect(await breaker.run(async () => expect.unreachable())).toBeUndefined()
  })

  it('asks again after the rest', async () => {
    const breaker = createCircuitBreaker(() => {}, { ...limits, restMs: 0 })
    expect(await breaker.run(never)).toBeUndefined()
    expect(await breaker.run(async () => 1)).toBe(1)
  })

  it('waits no longer for one who reports errors again and again', async () => {
    const breaker = createCircuitBreaker(() => {}, { ...limits, answerWithinMs: 2 ** 30 })
    const reports = setInterval(() => breaker.hurry(), 1)
    expect(await breaker.run(never)).toBeUndefined()
    clearInterval(reports)
  })
})
