import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createJobQueue } from '../../src/workers/job-queue.ts'

/** A job that runs until its signal fires. */
const lastUntilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

test.each([1, 2, 3])('runs at most %i jobs at a time, in order', async concurrency => {
  const queue = createJobQueue(concurrency)
  const started: number[] = []
  let running = 0
  let most = 0
  const job = (index: number) => async () => {
    started.push(index)
    most = Math.max(most, ++running)
    await sleep(5)
    running--
    return index
  }
  expect(await Promise.all([0, 1, 2, 3, 4].map(index => queue.run(job(index))))).toEqual([0, 1, 2, 3, 4])
  expect(started).toEqual([0, 1, 2, 3, 4])
  expect(most).toBe(concurrency)
})

test('a failed job does not affect the others', async () => {
  const queue = createJobQueue(1)
  const failed = queue.run(async () => {
    throw new RangeError('no')
  })
  const next = queue.run(async () => 'next')
  await expect(failed).rejects.toThrow(RangeError)
  expect(await next).toBe('next')
})

test('an abort reaches the job with its reason, and the next job starts', async () => {
  const queue = createJobQueue(1)
  const stop = new AbortController()
  const reasons: unknown[] = []
  const aborted = queue.run(signal => {
    signal.addEventListener('abort', () => reasons.push(signal.reason))
    return lastUntilAborted(signal)
  }, stop.signal)
  const next = queue.run(async () => 'next')
  const reason = new Error('enough')
  stop.abort(reason)
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED', cause: reason })
  expect(await next).toBe('next')
  expect(reasons).toEqual([reason])
})

test('a job that cannot stop occupies its slot until it ends, although its call was rejected', async () => {
  const queue = createJobQueue(1)
  const stop = new AbortController()
  let end = () => {}
  let started = false
  const aborted = queue.run(() => new Promise<void>(resolve => (end = resolve)), stop.signal)
  const next = queue.run(async () => (started = true))
  stop.abort()
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
  expect([started, queue.count()]).toEqual([false, 2])
  end()
  expect(await next).toBe(true)
})

test('an aborted job that waits never runs', async () => {
  const queue = createJobQueue(1)
  const stop = new AbortController()
  const first = queue.run(() => sleep(20, 'first'))
  const waiting = queue.run(async () => expect.unreachable(), stop.signal)
  stop.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
  await expect(queue.run(async () => expect.unreachable(), stop.signal)).rejects.toMatchObject({
    code: 'ABORTED',
  })
  expect(await first).toBe('first')
})

test('abortAll aborts all jobs, and later jobs run', async () => {
  const queue = createJobQueue(1)
  const runs = [queue.run(lastUntilAborted), queue.run(async () => expect.unreachable())]
  const ended = queue.abortAll(new Error('closed'))
  for (const run of await Promise.allSettled(runs)) {
    expect(run).toMatchObject({ reason: { code: 'ABORTED', cause: { message: 'closed' } } })
  }
  await ended
  expect(queue.count()).toBe(0)
  expect(await queue.run(async () => 'again')).toBe('again')
})

test('a signal that is used for many jobs keeps no memory of them', async () => {
  const queue = createJobQueue(2)
  const { signal } = new AbortController()
  await Promise.all(Array.from({ length: 50 }, (_, index) => queue.run(async () => index, signal)))
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
