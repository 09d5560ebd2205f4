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
