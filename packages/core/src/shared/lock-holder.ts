import { randomUUID } from 'node:crypto'
import * as nodeFs from 'node:fs'
import { readFile, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** The process that holds a lock. */
export interface Holder {
  pid: number
  host: string
}

/** Content of a lock: its holder, and a token by which the holder recognizes its own lock. */
interface HolderRecord extends Holder {
  token: string
}

const FILE = 'holder.json'
const me: HolderRecord = { pid: process.pid, host: hostname(), token: randomUUID() }

/**
 * Node's file system for proper-lockfile, whose locks are folders. It writes the holder into each new lock, and does not
 * remove a lock that another process has taken.
 */
export const holderFs: object = {
  ...nodeFs,
  mkdir(path: string, done: (error: NodeJS.ErrnoException | null) => void) {
    nodeFs.mkdir(path, error => {
      // Synchronous, because hundreds of locks at once would open as many files. The lock is valid without a record too.
      if (!error) ignoreErrors(() => nodeFs.writeFileSync(join(path, FILE), JSON.stringify(me)))
      done(error)
    })
  },
  rmdir(path: string, done: (error: NodeJS.ErrnoException | null) => void) {
    if (isAnothers(path)) done(null)
    else nodeFs.rm(path, { recursive: true, force: true }, done)
  },
  rmdirSync(path: string) {
    if (!isAnothers(path)) nodeFs.rmSync(path, { recursive: true, force: true })
  },
}

function isAnothers(path: string): boolean {
  const text = ignoreErrors(() => nodeFs.readFileSync(join(path, FILE), 'utf8'))
  const record = text === undefined ? undefined : parseRecord(text)
  return record !== undefined && record.token !== me.token
}

/** Result of a check of a lock that another process holds. */
export interface LockCheck {
  /** Undefined if the lock has no record. */
  holder: Holder | undefined
  /** Whether the holder has renewed the lock since the last check. */
  isRenewed: boolean
  /** Whether the lock's holder has ended. */
  isStale: boolean
}

/** Watches a lock that another process holds. */
export interface LockWatch {
  /** @returns undefined if there is no lock */
  check(): Promise<LockCheck | undefined>
  /** Removes the lock, unless it has changed since the last check. */
  takeAway(): Promise<void>
}

/**
 * Watches the lock at `path`. A lock is stale if its modification time has not changed for `staleMs` of this process's
 * monotonic clock. This is independent of the system's clock and of the clock of the holder's machine. If the holder is a
 * process of this machine that has ended, a modification time more than `staleMs` in the past or future is enough.
 */
export function watchLock(path: string, staleMs: number): LockWatch {
  let seen: { mtimeMs: number; sinceMs: number } | undefined
  return {
    async check() {
      const mtimeMs = await readTime(path)
      if (mtimeMs === undefined) {
        seen = undefined
        return undefined
      }
      const isRenewed = seen !== undefined && seen.mtimeMs !== mtimeMs
      if (!seen || isRenewed) seen = { mtimeMs, sinceMs: performance.now() }
      const holder = parseRecord(await readFile(join(path, FILE), 'utf8').catch(() => ''))
      const isFarOff = Math.abs(Date.now() - mtimeMs) > staleMs
      const isStale = performance.now() - seen.sinceMs > staleMs || (isFarOff && isDead(holder))
      return { holder, isRenewed, isStale }
    },
    async takeAway() {
      const mtimeMs = seen?.mtimeMs
      seen = undefined
      if (mtimeMs !== undefined) await removeLock(path, mtimeMs)
    },
  }
}

/** Only one of several processes can rename the stale lock. A process that is too late may have renamed a new lock, and puts it back. */
async function removeLock(path: string, mtimeMs: number): Promise<void> {
  const doomed = `${path}.${randomUUID()}`
  try {
    // Synchronous: no other waiter of this process can take the lock between the check and the rename.
    if (nodeFs.statSync(path, { throwIfNoEntry: false })?.mtimeMs !== mtimeMs) return
    nodeFs.renameSync(path, doomed)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return
    // Some layered file systems cannot rename a folder of a lower layer.
    if (code !== 'EXDEV') throw error
    return rm(path, { recursive: true, force: true })
  }
  if ((await readTime(doomed)) === mtimeMs) await rm(doomed, { recursive: true, force: true })
  else await rename(doomed, path)
}

async function readTime(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs
}

function parseRecord(text: string): HolderRecord | undefined {
  const record = ignoreErrors(() => JSON.parse(text)) as Partial<HolderRecord> | undefined
  const { pid, host, token } = record ?? {}
  const isWhole = Number.isInteger(pid) && typeof host === 'string' && typeof token === 'string'
  return isWhole ? { pid: pid as number, host: host as string, token: token as string } : undefined
}

function isDead(holder: Holder | undefined): boolean {
  if (holder?.host !== me.host) return false
  try {
    process.kill(holder.pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function ignoreErrors<Value>(job: () => Value): Value | undefined {
  try {
    return job()
  } catch {
    return undefined
  }
}
