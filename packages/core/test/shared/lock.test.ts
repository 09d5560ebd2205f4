import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { acquireLock, withLock } from '../../src/shared/lock.ts'

let dir: string
let path: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nobg-lock-'))
  path = join(dir, 'file')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const hour = 3_600_000

/** Creates a lock as another process leaves it. */
function leaveLock(mtimeMs: number, holder?: { pid: number; host: string }): void {
  mkdirSync(`${path}.lock`)
  if (holder)
    writeFileSync(join(`${path}.lock`, 'holder.json'), JSON.stringify({ ...holder, token: 'other' }))
  utimesSync(`${path}.lock`, new Date(mtimeMs), new Date(mtimeMs))
}

/** Id of a process that has ended. */
const findDeadPid = () => spawnSync(process.execPath, ['--version']).pid

/** Whether the lock is taken at the first attempt, without waiting. */
async function isTakenAtOnce(): Promise<boolean> {
  const refuse = () => {
    throw new Error('waits')
  }
  const release = await acquireLock(path, { onWait: refuse }).catch(() => undefined)
  await release?.()
  return release !== undefined
}

describe('the lock of an ended process', () => {
  const times: [name: string, offsetMs: number, isTaken: boolean][] = [
    ['far in the past', -hour, true],
    ['far in the future', hour, true],
    ['just now', 0, false],
  ]
  test.each(times)('of this machine, with a time %s, is taken at once: %3$s', async (_, offset, isTaken) => {
    leaveLock(Date.now() + offset, { pid: findDeadPid(), host: hostname() })
    expect(await isTakenAtOnce()).toBe(isTaken)
  })

  test.each([
    ['in the future', hour],
    ['in the past', -hour],
    ['just now', 0],
  ])(
    'of an unknown machine, with a time %s, is taken after it was not renewed for staleMs',
    async (_, offset) => {
      leaveLock(Date.now() + offset, { pid: 1, host: 'another' })
      const waits: number[] = []
      const release = await acquireLock(path, { staleMs: 300, onWait: (_, ms) => waits.push(ms) })
      expect(waits.length).toBeGreaterThan(0)
      await release()
      expect(readdirSync(dir)).toEqual([])
    },
  )

  test('is taken if it does not name its holder', async () => {
    leaveLock(Date.now() + hour)
    const release = await acquireLock(path, { staleMs: 300 })
    await release()
    expect(readdirSync(dir)).toEqual([])
  })

  test('is held by one waiting caller at a time', async () => {
    leaveLock(Date.now() + hour, { pid: findDeadPid(), host: hostname() })
    let holders = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++holders)
      await sleep(5)
      holders--
    }
    await Promise.all(
      Array.from({ length: 8 }, () =>
        withLock(path, work, { readActivity: () => 'runs a test', onError: () => expect.unreachable() }),
      ),
    )
    expect(most).toBe(1)
  })
})

test.each([
  ['ahead', hour],
  ['behind', -hour],
])('the lock of a running holder whose clock is %s is not taken', async (_, offset) => {
  leaveLock(Date.now() + offset, { pid: 1, host: 'another' })
  const renewal = setInterval(() => {
    const now = new Date(Date.now() + offset)
    utimesSync(`${path}.lock`, now, now)
  }, 50)
  let attempts = 0
  const enough = new AbortController()
  const waiting = acquireLock(path, {
    staleMs: 2000,
    signal: enough.signal,
    onWait: (_, waitedMs) => {
      attempts++
      if (waitedMs > 4000) enough.abort()
    },
  })
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
  clearInterval(renewal)
  expect(attempts).toBeGreaterThan(0)
})

test('a waiting process logs the holder once', async () => {
  const messages: string[] = []
  const logger = { info: (line: string) => messages.push(line), warn: () => expect.unreachable() }
  const options = {
    readActivity: async () => 'downloads u2netp (41 %)',
    onError: () => expect.unreachable(),
    logger,
  }
  const release = await acquireLock(path)
  const waiting = [1, 2].map(() => withLock(path, async () => 'done', options))
  while (messages.length === 0) await sleep(100)
  await sleep(1000)
  await release()
  expect(await Promise.all(waiting)).toEqual(['done', 'done'])
  expect(messages).toEqual([
    expect.stringContaining(
      `waiting for process ${process.pid} on ${hostname()}, which downloads u2netp (41 %).`,
    ),
  ])
})

test('a process that lost its lock does not remove the lock of the next holder', async () => {
  const release = await acquireLock(path)
  rmSync(`${path}.lock`, { recursive: true })
  leaveLock(Date.now(), { pid: 1, host: 'another' })
  await release().catch(() => {})
  expect(readdirSync(dir)).toEqual(['file.lock'])
})
