import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from '@nobg/core/internal'
import { z } from 'zod'
import { readInputLength } from '../requests/input-length.ts'
import { QueueClosedError } from '../requests/queue.ts'
import type { CutoutRequest, LogLine, Outcome } from '../requests/request.ts'
import { takeGeneration } from './generation.ts'
import { exists, openMarks } from './marks.ts'

/** A request on disk, without its input, which may be large. */
export interface StoredRequest {
  request: Omit<CutoutRequest, 'input'>
  /** Characters of its image, if it has not ended. */
  inputLength?: number
  /** How often it has been started. */
  attempts: number
  /** Set when the request has ended, as are the fields below. */
  outcome?: Outcome
  logs?: LogLine[]
  /** Milliseconds since 1970. */
  completedAt?: number
  /** Whether the webhook was delivered or given up. */
  delivered?: boolean
}

/**
 * Requests as files. A file is complete or does not exist.
 *
 * All methods throw {@link QueueClosedError} after another process has opened the records, and then write nothing.
 */
export interface Records {
  /** Resolves when the request and its input are on the disk. */
  create(request: CutoutRequest): Promise<void>
  /**
   * Counts a start of a request and reads the request. The count finds requests that kill the process, so it is not
   * flushed: it outlives the process but not a loss of power.
   *
   * @returns undefined if the request has ended or has no record
   */
  start(id: string): Promise<CutoutRequest | undefined>
  /** Notes that the server closed while clients watched the request. */
  noteCut(id: string): Promise<void>
  /** Whether the server closed while clients watched the request, which has not ended since. */
  wasCut(id: string): Promise<boolean>
  /** Takes the last start back: the run was stopped in order. */
  uncountStart(id: string): Promise<void>
  read(id: string): Promise<StoredRequest | undefined>
  /** Replaces the record by one without input. Resolves when it is on the disk. @returns length of the record in characters */
  write(stored: StoredRequest): Promise<number>
  remove(id: string): Promise<void>
  /** All records, one after the other. Damaged ones are moved to another folder. */
  list(): AsyncIterable<StoredRequest>
}

const FILE_PATTERN = /^([\w-]{1,64})\.json$/

/** The fields that the queue needs; others are kept as they are. */
const shape = z.looseObject({
  request: z.looseObject({
    id: z.string(),
    app: z.string(),
    createdAt: z.number(),
    priority: z.enum(['normal', 'low']),
  }),
  outcome: z.looseObject({ status: z.int() }).optional(),
})

interface RecordsSettings {
  /** Is called for each file that is not a record, after it was moved to `damaged`. */
  onDamaged(error: Error): void
  /** Is called when a call finds that another process has opened the records. */
  onLost?(error: Error): void
}

/**
 * Opens the records of a folder, and takes them from the process that opened them before. In `generation-<n>`,
 * `requests/<id>.json` holds a request with its input, and later its outcome instead of the input. The rest are {@link Marks}.
 */
export async function openRecords(home: string, settings: RecordsSettings): Promise<Records> {
  const { onDamaged, onLost } = settings
  const dir = await takeGeneration(home)
  const folders = {
    records: join(dir, 'requests'),
    damaged: join(dir, 'damaged'),
  }
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true })
  const marks = await openMarks(dir)
  const recordOf = (id: string) => join(folders.records, `${id}.json`)

  async function readWhole(id: string): Promise<StoredRequest | undefined> {
    try {
      const { input, ...stored } = shape.parse(await readJson(recordOf(id)))
      if (stored.request.id !== id) throw new Error(`Expected the request ${id}, got ${stored.request.id}.`)
      const open = { attempts: await marks.countStarts(id), inputLength: readInputLength(input) }
      return { ...stored, ...(!stored.outcome && open) } as unknown as StoredRequest
    } catch (cause) {
      await rename(recordOf(id), join(folders.damaged, `${id}.json`))
      onDamaged(
        new Error(`The record of request ${id} is damaged. It was moved to ${folders.damaged}.`, { cause }),
      )
      return undefined
    }
  }

  /** Runs a call. What failed, or found nothing, because another process took the records, throws. */
  async function check<Value>(call: () => Promise<Value>): Promise<Value> {
    const [result] = await Promise.allSettled([call()])
    const isFound = result.status === 'fulfilled' && result.value !== undefined
    if (!isFound && !(await exists(dir))) {
      const error = new QueueClosedError('Another server has taken over the folder of this server.')
      onLost?.(error)
      throw error
    }
    if (result.status === 'rejected') throw result.reason
    return result.value
  }

  return {
    async create({ input = null, ...request }) {
      await check(() => writeJson(recordOf(request.id), { request, input }))
    },
    async start(id) {
      const stored = (await check(async () => {
        await marks.addStart(id)
        return readJson(recordOf(id))
      })) as (StoredRequest & { input: unknown }) | undefined
      if (!stored || stored.outcome) return undefined
      return { ...stored.request, input: stored.input }
    },
    noteCut: id => check(() => marks.noteCut(id)),
    wasCut: marks.wasCut,
    uncountStart: id => check(() => marks.removeStart(id)),
    read: id => check(() => readJson(recordOf(id)) as Promise<StoredRequest | undefined>),
    async write(stored) {
      const length = await check(() => writeJson(recordOf(stored.request.id), stored))
      await marks.remove(stored.request.id)
      return length
    },
    async remove(id) {
      await rm(recordOf(id), { force: true })
      await marks.remove(id)
    },
    async *list() {
      const unfinished = new Set<string>()
      for (const id of await listIds(folders.records)) {
        const stored = await readWhole(id)
        if (stored && !stored.outcome) unfinished.add(id)
        if (stored) yield stored
      }
      // The process may have crashed after writing an outcome and before removing its marks.
      await marks.keepOnly(unfinished)
    },
  }
}

async function writeJson(path: string, value: unknown): Promise<number> {
  const text = JSON.stringify(value)
  await writeWhole(path, text, { mode: 0o600, flush: true })
  return text.length
}

/** @returns undefined if there is no file @throws {SyntaxError} if the file is not JSON */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The ids of the records in a folder. Other files are temporary files of a killed process; they are removed. */
async function listIds(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  for (const name of names)
    if (!FILE_PATTERN.test(name)) await rm(join(folder, name), { force: true, recursive: true })
  return names.map(name => FILE_PATTERN.exec(name)?.[1]).filter(id => id !== undefined)
}
