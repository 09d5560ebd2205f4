import { appendFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import type { CutoutRequest, LogLine, Outcome } from '../requests/request.ts'

/** A request on disk, without its input, which may be large. */
export interface StoredRequest {
  request: Omit<CutoutRequest, 'input'>
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

/** Requests as files: whole, or not there. */
export interface Records {
  /** Resolves when the disk has it, input and all. */
  create(request: CutoutRequest): Promise<void>
  /**
   * Notes that a request is being started, and reads what it takes to run it. The note outlives the process, not the
   * machine: it is there against requests that kill the process.
   *
   * @returns undefined where it has ended, or is gone
   */
  start(id: string): Promise<CutoutRequest | undefined>
  read(id: string): Promise<StoredRequest | undefined>
  /** Writes what has ended, whose input goes. Resolves when the disk has it. @returns the record's length, in letters */
  write(stored: StoredRequest): Promise<number>
  remove(id: string): Promise<void>
  /** All, one after the other; what is damaged is moved aside. */
  list(): AsyncIterable<StoredRequest>
}

const filePattern = /^([\w-]{1,64})\.json$/

/** As much of a record as a queue cannot do without. */
const shape = z.looseObject({
  request: z.looseObject({
    id: z.string(),
    app: z.string(),
    createdAt: z.number(),
    priority: z.enum(['normal', 'low']),
  }),
  outcome: z.looseObject({ status: z.int() }).optional(),
})

/**
 * A request that waits or runs is one file with its input; beside it, in `starts`, is one with a byte for each start. When it
 * has ended, the outcome is in the place of the input.
 *
 * @param onDamaged hears of each file that is no record, after it was moved to `damaged`.
 */
export async function openRecords(dir: string, onDamaged: (error: Error) => void): Promise<Records> {
  const folders = {
    records: join(dir, 'requests'),
    starts: join(dir, 'starts'),
    damaged: join(dir, 'damaged'),
  }
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true })
  const recordOf = (id: string) => join(folders.records, `${id}.json`)
  const startsOf = (id: string) => join(folders.starts, id)
  const removeStarts = (id: string) => rm(startsOf(id), { force: true })
  const countStarts = (id: string) =>
    stat(startsOf(id)).then(
      ({ size }) => size,
      () => 0,
    )

  async function readWhole(id: string): Promise<StoredRequest | undefined> {
    try {
      const { input, ...stored } = shape.parse(await readJson(recordOf(id)))
      if (stored.request.id !== id) throw new Error(`Expected the request ${id}, got ${stored.request.id}.`)
      const attempts = stored.outcome ? {} : { attempts: await countStarts(id) }
      return { ...stored, ...attempts } as unknown as StoredRequest
    } catch (cause) {
      await rename(recordOf(id), join(folders.damaged, `${id}.json`))
      onDamaged(
        new Error(`The record of request ${id} is damaged, and lies in ${folders.damaged} now.`, { cause }),
      )
      return undefined
    }
  }

  return {
    async create({ input = null, ...request }) {
      await writeJson(recordOf(request.id), { request, input })
    },
    async start(id) {
      await appendFile(startsOf(id), '.', { mode: 0o600 })
      const stored = (await readJson(recordOf(id))) as (StoredRequest & { input: unknown }) | undefined
      if (!stored || stored.outcome) return undefined
      return { ...stored.request, input: stored.input }
    },
    read: id => readJson(recordOf(id)) as Promise<StoredRequest | undefined>,
    async write(stored) {
      const length = await writeJson(recordOf(stored.request.id), stored)
      await removeStarts(stored.request.id)
      return length
    },
    async remove(id) {
      await rm(recordOf(id), { force: true })
      await removeStarts(id)
    },
    async *list() {
      const unfinished = new Set<string>()
      for (const id of await listIds(folders.records)) {
        const stored = await readWhole(id)
        if (stored && !stored.outcome) unfinished.add(id)
        if (stored) yield stored
      }
      // Of ends that a death cut in two.
      for (const id of await readdir(folders.starts)) if (!unfinished.has(id)) await removeStarts(id)
    },
  }
}

async function writeJson(path: string, value: unknown): Promise<number> {
  const text = JSON.stringify(value)
  await writeFileAtomic(path, text, { mode: 0o600 })
  return text.length
}

/** @returns undefined where there is no file @throws {SyntaxError} where it is no JSON */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The ids of the files in a folder; what a death left half written is removed. */
async function listIds(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  for (const name of names)
    if (!filePattern.test(name)) await rm(join(folder, name), { force: true, recursive: true })
  return names.map(name => filePattern.exec(name)?.[1]).filter(id => id !== undefined)
}
