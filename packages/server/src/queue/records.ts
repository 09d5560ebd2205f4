import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import type { CutoutRequest, LogLine, Outcome } from '../requests.ts'

/** A request on disk. Its input, which may be large, is a file of its own. */
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
  read(id: string): Promise<StoredRequest | undefined>
  /** @throws where it is not there, or damaged */
  readInput(id: string): Promise<unknown>
  /** Resolves when the disk has it; the input of what has ended goes. */
  write(stored: StoredRequest): Promise<void>
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
  attempts: z.int(),
  outcome: z.looseObject({ status: z.int() }).optional(),
})

/** @param onDamaged hears of each file that is no record, after it was moved to `damaged`. */
export async function openRecords(dir: string, onDamaged: (error: Error) => void): Promise<Records> {
  const folders = {
    records: join(dir, 'requests'),
    inputs: join(dir, 'inputs'),
    damaged: join(dir, 'damaged'),
  }
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true })
  const recordOf = (id: string) => join(folders.records, `${id}.json`)
  const inputOf = (id: string) => join(folders.inputs, `${id}.json`)
  const removeInput = (id: string) => rm(inputOf(id), { force: true })

  async function readWhole(id: string): Promise<StoredRequest | undefined> {
    try {
      const stored = shape.parse(await readJson(recordOf(id)))
      if (stored.request.id === id) return stored as unknown as StoredRequest
      throw new Error(`Expected the request ${id}, got ${stored.request.id}.`)
    } catch (cause) {
      await rename(recordOf(id), join(folders.damaged, `${id}.json`))
      onDamaged(
        new Error(`The record of request ${id} is damaged, and lies in ${folders.damaged} now.`, { cause }),
      )
      return undefined
    }
  }

  return {
    async create({ input, ...request }) {
      // First: a record without its input would be a request that cannot run.
      await writeJson(inputOf(request.id), input ?? null)
      await writeJson(recordOf(request.id), { request, attempts: 0 })
    },
    read: id => readJson(recordOf(id)) as Promise<StoredRequest | undefined>,
    async readInput(id) {
      const input = await readJson(inputOf(id))
      if (input === undefined) throw new Error(`The input of request ${id} is gone.`)
      return input
    },
    async write(stored) {
      await writeJson(recordOf(stored.request.id), stored)
      if (stored.outcome) await removeInput(stored.request.id)
    },
    async remove(id) {
      await rm(recordOf(id), { force: true })
      await removeInput(id)
    },
    async *list() {
      const waiting = new Set<string>()
      for (const id of await listIds(folders.records)) {
        const stored = await readWhole(id)
        if (stored && !stored.outcome) waiting.add(id)
        if (stored) yield stored
      }
      // Of submits, and of ends, that a death cut in two.
      for (const id of await listIds(folders.inputs)) if (!waiting.has(id)) await removeInput(id)
    },
  }
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFileAtomic(path, JSON.stringify(value), { mode: 0o600 })
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
