import { getEventListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { limitRun } from '../../src/jobs/limit-run.ts'
import { canceled } from '../../src/requests/outcomes.ts'
import type { CutoutRequest, Outcome, Run, RunContext } from '../../src/requests/request.ts'
import { never } from '../queue/requests.ts'

const request: CutoutRequest = {
  id: 'one',
  app: 'fal-ai/birefnet',
  input: {},
  priority: 'normal',
  createdAt: 0,
}
const done: Outcome = { status: 200, body: {} }
const contextOf = (signal: AbortSignal): RunContext => ({ signal, log() {} })
/** A run that ignores its signal, like a decoder. */
const endless: Run = () => new Promise(() => {})
/** A run that ends with an error when its signal fires. */
const abortable: Run = (_, { signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))

const tooLong = { status: 504, body: { detail: [{ loc: ['body'], type: 'generation_timeout' }] } }

test.each([
  ['endless', endless],
  ['abortable', abortable],
])('an %s run ends at the limit, with 504', async (_, run) => {
  expect(await limitRun(run, 20)(request, contextOf(never))).toMatchObject(tooLong)
})

test.each([
  ['endless', endless],
  ['abortable', abortable],
])('an %s run ends as soon as it is canceled', async (_, run) => {
  const cancel = new AbortController()
  const outcome = limitRun(run, 1e9)(request, contextOf(cancel.signal))
  cancel.abort()
  expect(await outcome).toEqual(canceled)
  expect(await limitRun(run, 1e9)(request, contextOf(cancel.signal))).toEqual(canceled)
})

test.each([
  ['ends', async () => done],
  ['fails', () => Promise.reject(new Error('failed'))],
])('nothing listens to the signal of a run that %s, so that its memory is freed', async (_, end) => {
  let signal: AbortSignal | undefined
  const run: Run = (_, context) => {
    signal = context.signal
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    return end()
  }
  await limitRun(run, 1e9)(request, contextOf(never)).catch(() => {})
  expect(getEventListeners(signal as AbortSignal, 'abort')).toEqual([])
})

/** Waits for a slot until all timers within the limit of the test have fired. */
const waitForSlot: RunContext['yieldSlot'] = async job => {
  const value = await job()
  await delay(100)
  return value
}

test('the time in which a run waits for a slot does not count, and the time after it does', async () => {
  const context = { ...contextOf(never), yieldSlot: waitForSlot }
  const fetchFirst = (rest: Run): Run => {
    return async (request, { yieldSlot, ...others }) => {
      await yieldSlot?.(async () => {})
      return rest(request, others)
    }
  }
  expect(
    await limitRun(
      fetchFirst(async () => done),
      20,
    )(request, context),
  ).toEqual(done)
  expect(await limitRun(fetchFirst(endless), 20)(request, context)).toMatchObject(tooLong)
})

test('the time of a job outside the slot counts', async () => {
  const run: Run = async (_, { yieldSlot }) => {
    await yieldSlot?.(() => new Promise(() => {}))
    return done
  }
  const context = { ...contextOf(never), yieldSlot: waitForSlot }
  expect(await limitRun(run, 20)(request, context)).toMatchObject(tooLong)
})

test('the signal of a run fires at the limit', async () => {
  let fired = false
  const run: Run = (_, { signal }) => {
    signal.addEventListener('abort', () => {
      fired = true
    })
    return endless(request, contextOf(signal))
  }
  await limitRun(run, 20)(request, contextOf(never))
  expect(fired).toBe(true)
})

test.each([1e9, 2 ** 40, Number.MAX_SAFE_INTEGER])('a run within %d ms has its own outcome', async maxMs => {
  expect(await limitRun(async () => done, maxMs)(request, contextOf(never))).toEqual(done)
  const failing = limitRun(async () => {
    throw new Error('failed')
  }, maxMs)
  await expect(failing(request, contextOf(never))).rejects.toThrow('failed')
  const slow: Run = () => new Promise(resolve => setImmediate(() => setImmediate(resolve, done)))
  expect(await limitRun(slow, maxMs)(request, contextOf(never))).toEqual(done)
})
