import { randomUUID } from 'node:crypto'
import * as nodeFs from 'node:fs'
import { readFile, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Who holds a lock. */
export interface Holder {
  pid: number
  host: string
}

/** What stands in a lock: its holder, and a word by which the holder knows its own lock. */
interface HolderRecord extends Holder {
  token: string
}

const FILE = 'holder.json'
const me: HolderRecord = { pid: process.pid, host: hostname(), token: randomUUID() }

/**
 * Node's file system for proper-lockfile, whose locks are folders: it writes the holder into each new lock (before the
 * time of the lock is noted, which it changes), and removes no lock that another process has taken over.
 */
export const holderFs: object = {
  ...nodeFs,
  mkdir(path: string, done: (error: NodeJS.ErrnoException | null) => void) {
    nodeFs.mkdir(path, error => {
      // At once: hundreds of locks taken together would open as many files. Without a record the lock holds all the same.
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

/** What a look at another's lock found. */
export interface LockLook {
  /** Undefined if the lock says nothing of its holder. */
  holder: Holder | undefined
  /** Whether the holder has renewed the lock since the look before: it lives. */
  isRenewed: boolean
  /** Whether the lock's holder is gone. */
  isStale: boolean
}

/** Watches a lock that another holds. */
export interface LockWatch {
  /** Undefined if there is no lock any more. */
  look(): Promise<LockLook | undefined>
  /** Removes the lock, if it is still the one of the last look. */
  takeAway(): Promise<void>
}

/**
 * Watches the lock at `path`. It is stale if its time has not changed for `staleMs` on this process's own steady clock:
 * that holds also if the system's clock was set, and if the holder is on a machine whose clock goes wrong. If the holder
 * is a dead process of this machine, a time that lies `staleMs` away, in the past or the future, is enough.
 */
export function watchLock(path: string, staleMs: number): LockWatch {
  let seen: { mtimeMs: number; sinceMs: number } | undefined
  return {
    async look() {
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

/** Of several that find a lock stale one alone can rename it away; whoever comes too late may hold a fresh one instead. */
async function removeLock(path: string, mtimeMs: number): Promise<void> {
  const doomed = `${path}.${randomUUID()}`
  try {
    await rename(path, doomed)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return
    // Some layered file systems rename no folder that lies in a lower layer.
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
