import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { CutoutRequest, LogLine, Outcome } from '../requests.ts'

/** A request on disk. */
export interface StoredRequest {
  request: CutoutRequest
  /** How often it has been started. */
  attempts: number
  /** Once it has ended: */
  outcome?: Outcome
  logs?: LogLine[]
  /** Milliseconds since 1970. */
  completedAt?: number
  /** Whether the end was told to whom it may concern. */
  told?: boolean
}

/** Requests as files, one each: whole, or not there. */
export interface Records {
  read(id: string): Promise<StoredRequest | undefined>
  /** Resolves when the disk has it. */
  write(stored: StoredRequest): Promise<void>
  remove(id: string): Promise<void>
  /** All, in the order in which they came. */
  list(): Promise<StoredRequest[]>
}

const idPattern = /^[\w-]{1,64}$/

export async function openRecords(dir: string): Promise<Records> {
  await mkdir(dir, { recursive: true })
  const pathOf = (id: string) => join(dir, `${id}.json`)

  async function read(id: string): Promise<StoredRequest | undefined> {
    if (!idPattern.test(id)) return undefined
    try {
      return JSON.parse(await readFile(pathOf(id), 'utf8'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  return {
    read,
    write: stored => writeFileAtomic(pathOf(stored.request.id), JSON.stringify(stored), { mode: 0o600 }),
    remove: id => rm(pathOf(id), { force: true }),
    async list() {
      const names = (await readdir(dir)).filter(name => name.endsWith('.json'))
      const all = await Promise.all(names.map(name => read(name.slice(0, -'.json'.length))))
      const known = all.filter(stored => stored !== undefined)
      return known.sort((one, other) => one.request.createdAt - other.request.createdAt)
    },
  }
}
