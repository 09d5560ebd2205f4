import { setTimeout } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'
import { createPatience } from '../../src/cache/patience.ts'

const never = () => new Promise<never>(() => {})
const limits = { answerWithinMs: 20, afterErrorMs: 1, restMs: 60_000 }

describe('createPatience', () => {
  it('passes on what answers, even after an error', async () => {
    const patience = createPatience(() => expect.unreachable(), { afterErrorMs: 1_000 })
    const outcome = patience.run(() => setTimeout(5, 'late'))
    patience.hurry()
    expect(await outcome).toBe('late')
    await expect(patience.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  it('gives up on what never answers, says so, and then asks nothing for a while', async () => {
    const errors: Error[] = []
    const patience = createPatience(error => errors.push(error), limits)
    expect(await patience.run(never)).toBeUndefined()
    expect(errors).toMatchObject([{ message: 'the store does not answer' }])
    expect(await patience.run(async () => expect.unreachable())).toBeUndefined()
  })

  it('asks again after the rest', async () => {
    const patience = createPatience(() => {}, { ...limits, restMs: 0 })
    expect(await patience.run(never)).toBeUndefined()
    expect(await patience.run(async () => 1)).toBe(1)
  })

  it('waits no longer for one who reports errors again and again', async () => {
    const patience = createPatience(() => {}, { ...limits, answerWithinMs: 2 ** 30 })
    const reports = setInterval(() => patience.hurry(), 1)
    expect(await patience.run(never)).toBeUndefined()
    clearInterval(reports)
  })
})
