import type { CutoutFile, Progress } from '@nobg/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { formatSeconds } from '../../src/progress/format.ts'
import { reportJob } from '../../src/progress/progress.ts'

const result: CutoutFile = {
  file: '/cat.png',
  width: 1,
  height: 1,
  format: 'png',
  contentType: 'image/png',
  timings: { total: 1234 },
  cached: false,
  savedMs: 0,
  model: 'u2netp',
  matte: 'predicted',
  findings: [],
}
const progress: Progress = { stage: 'inference', done: 0, total: 1, model: 'u2netp' }

test('a computed picture logs one line, and a cached picture logs none', async () => {
  const log: string[] = []
  const logger = { info: (line: string) => log.push(line), warn: () => {} }
  const work = async (onProgress: (progress: Progress) => void) => {
    onProgress(progress)
    return result
  }
  await Promise.all([reportJob('a', 'a.jpg', logger, work), reportJob('b', 'b.jpg', logger, work)])
  await reportJob('c', 'c.jpg', logger, async () => result)
  expect(log).toEqual([
    'nobg: a.jpg done in 1.23 s (u2netp, 1 of 2)',
    'nobg: b.jpg done in 1.23 s (u2netp, 2 of 2)',
  ])
})

test('the line of a picture with its own matte names no model', async () => {
  const log: string[] = []
  const logger = { info: (line: string) => log.push(line), warn: () => {} }
  await reportJob('own', 'own.jpg', logger, async onProgress => {
    onProgress(progress)
    return { ...result, matte: 'own' }
  })
  expect(log).toEqual([expect.stringMatching(/^nobg: own\.jpg done in 1\.23 s \(own matte, \d of \d\)$/)])
})

test('without a terminal, a download logs one line every ten seconds for all jobs', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const log: string[] = []
  const logger = { info: (line: string) => log.push(line), warn: () => {} }
  const download: Progress = { ...progress, stage: 'download', total: 224e6, model: 'general-light' }
  let finish = () => {}
  const finished = new Promise<void>(resolve => {
    finish = resolve
  })
  const jobs = ['a', 'b'].map(key =>
    reportJob(key, key, logger, async onProgress => {
      onProgress({ ...download, done: 91.84e6, remainingMs: 11_500 })
      await finished
      return result
    }),
  )
  vi.advanceTimersByTime(20_000)
  const line = 'nobg: general-light · download 41 % of 224 MB, 12 s left'
  expect(log).toEqual([line, line])
  finish()
  await Promise.all(jobs)
  vi.advanceTimersByTime(20_000)
  expect(log.filter(text => text === line)).toHaveLength(2)
})

test('the last line counts all finished pictures, although others failed or are made again', async () => {
  const log: string[] = []
  const logger = { info: (line: string) => log.push(line), warn: () => {} }
  const run = (key: string, isGood: boolean) =>
    reportJob(`counted ${key}`, key, logger, async onProgress => {
      onProgress(progress)
      await new Promise(resolve => setImmediate(resolve))
      if (!isGood) throw new Error('no')
      return result
    }).catch(() => {})
  await Promise.all([run('a', false), run('b', true), run('c', false)])
  await run('d', true)
  const counts = log.map(line => /(\d+) of (\d+)\)$/.exec(line)?.slice(1).map(Number) ?? [])
  expect(counts.at(-1)?.[0]).toBe(counts.at(-1)?.[1])
})

test('a failed job logs no line', async () => {
  const logger = { info: expect.unreachable, warn: expect.unreachable }
  const job = reportJob('a', 'a.jpg', logger, async onProgress => {
    onProgress(progress)
    throw new Error('no')
  })
  await expect(job).rejects.toThrow('no')
})

test('seconds have about three digits', () => {
  expect([5, 1234, 12_345, 125_000].map(formatSeconds)).toEqual(['0.01 s', '1.23 s', '12.3 s', '2 min 5 s'])
})
