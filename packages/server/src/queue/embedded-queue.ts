import PQueue from 'p-queue'
import { canceled, failServer, lost, startedTooLate } from '../requests/outcomes.ts'
import { type Queue, QueueClosedError, QueueFullError } from '../requests/queue.ts'
import type { CutoutRequest, Outcome, Run, RunContext, Snapshot } from '../requests/request.ts'
import { type Entry, writeLog } from './entry.ts'
import { readInputLength } from './input-length.ts'
import { Ledger, type LedgerSettings } from './ledger.ts'
import { lockFolder } from './lock-folder.ts'
import { openRecords, type Records } from './records.ts'

export interface EmbeddedQueueSettings extends LedgerSettings {
  /** Folder of the records. One process at a time may use it. */
  dir: string
  /** Requests that run at the same time. */
  concurrency: number
  /** Maximum of waiting requests. */
  maxWaiting: number
  /** Maximum of the images of all waiting requests together, in characters. */
  maxWaitingBytes: number
  run: Run
}

/** Number of starts of a request after which nobg gives it up, because the process crashed each time. */
const MAX_ATTEMPTS = 3
/** Number of requests that may have yielded their slot at the same time. They hold no image yet. */
const MAX_YIELDS = 16
const SWEEP_MS = 60_000
/** The longest delay that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * Opens a queue of this process that stores requests as files, so that accepted requests outlive the process.
 *
 * @throws {NobgError} INVALID_OPTION if another process uses the folder
 */
export async function createEmbeddedQueue(settings: EmbeddedQueueSettings): Promise<Queue> {
  const { dir, onError } = settings
  const release = await lockFolder(dir, onError)
  try {
    const queue = new EmbeddedQueue(settings, await openRecords(dir, onError), release)
    await queue.restore()
    return queue
  } catch (error) {
    await release()
    throw error
  }
}

class EmbeddedQueue implements Queue {
  readonly #settings: EmbeddedQueueSettings
  readonly #records: Records
  readonly #ledger: Ledger
  readonly #jobs: PQueue
  readonly #release: () => Promise<void>
  readonly #sweeper: NodeJS.Timeout
  readonly #closed = new AbortController()
  /** Number of submits whose records are being written. */
  #arriving = 0
  /** Characters of their images. */
  #arrivingLength = 0
  /** Number of requests that have yielded their slot. */
  #yields = 0
  #isClosing = false

  constructor(settings: EmbeddedQueueSettings, records: Records, release: () => Promise<void>) {
    this.#settings = settings
    this.#records = records
    this.#release = release
    this.#ledger = new Ledger(settings, records)
    this.#jobs = new PQueue({ concurrency: settings.concurrency, autoStart: false })
    this.#sweeper = setInterval(() => this.#ledger.sweep().catch(settings.onError), SWEEP_MS).unref()
  }

  async restore(): Promise<void> {
    for (const { request, inputLength = 0, attempts } of await this.#ledger.restore())
      this.#enqueue(request, inputLength, attempts)
    this.#setConcurrency()
  }

  start(): void {
    if (!this.#isClosing) this.#jobs.start()
  }

  async submit(request: CutoutRequest): Promise<Snapshot> {
    if (this.#isClosing) throw new QueueClosedError('The server is closing.')
    const { input, ...known } = request
    const length = readInputLength(input)
    this.#refuseIfFull(length)
    this.#arriving++
    this.#arrivingLength += length
    try {
      await this.#records.create(request)
    } finally {
      this.#arriving--
      this.#arrivingLength -= length
    }
    return this.#ledger.view(this.#enqueue(known, length))
  }

  async find(id: string): Promise<Snapshot | undefined> {
    const entry = this.#ledger.get(id)
    return entry && this.#ledger.view(entry)
  }

  async *watch(id: string, signal: AbortSignal): AsyncGenerator<Snapshot> {
    const entry = this.#ledger.get(id)
    if (entry) yield* this.#ledger.watch(entry, AbortSignal.any([signal, this.#closed.signal]))
  }

  async cancel(id: string): Promise<'requested' | 'completed' | 'unknown'> {
    const entry = this.#ledger.get(id)
    if (!entry) return 'unknown'
    const isFirst = !entry.ending
    if (isFirst) entry.abort.abort()
    await this.#ledger.end(entry, canceled)
    return isFirst ? 'requested' : 'completed'
  }

  async count(): Promise<{ waiting: number; running: number }> {
    return { waiting: this.#ledger.line.length, running: this.#jobs.pending }
  }

  async close(): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    clearInterval(this.#sweeper)
    for (const { deadline } of this.#ledger.line) clearTimeout(deadline)
    this.#jobs.pause()
    await this.#jobs.onPendingZero()
    this.#closed.abort()
    await this.#ledger.close()
    await this.#release()
  }

  #refuseIfFull(length: number): void {
    const { maxWaiting, maxWaitingBytes } = this.#settings
    const { line } = this.#ledger
    if (line.length + this.#arriving >= maxWaiting)
      throw new QueueFullError(`Expected at most ${maxWaiting} requests to wait.`)
    let waiting = this.#arrivingLength
    for (const { inputLength } of line) waiting += inputLength
    // A single image is always accepted: other limits apply to it.
    if (waiting > 0 && waiting + length > maxWaitingBytes)
      throw new QueueFullError(`Expected waiting images of at most ${maxWaitingBytes} bytes.`)
  }

  #enqueue({ startBy, ...request }: Omit<CutoutRequest, 'input'>, inputLength: number, attempts = 0): Entry {
    const { onError } = this.#settings
    const entry = this.#ledger.add(request, inputLength, attempts)
    if (startBy !== undefined) {
      const waitMs = Math.min(Math.max(0, startBy - Date.now()), MAX_TIMER_MS)
      entry.deadline = setTimeout(() => this.#ledger.end(entry, startedTooLate), waitMs).unref()
    }
    // A job takes the first request of the line when it starts. If requests have left the line, some jobs find none.
    this.#jobs.add(() => this.#runNext(this.#ledger.line.shift())).catch(onError)
    return entry
  }

  async #runNext(entry: Entry | undefined): Promise<void> {
    if (entry) await this.#run(entry)
    this.#setConcurrency()
  }

  async #run(entry: Entry): Promise<void> {
    clearTimeout(entry.deadline)
    entry.state = 'IN_PROGRESS'
    this.#ledger.announce(entry)
    this.#ledger.announceLine()
    await this.#ledger.end(entry, await this.#execute(entry))
  }

  async #execute(entry: Entry): Promise<Outcome> {
    const log: RunContext['log'] = (message, level) => {
      writeLog(entry, message, level)
      this.#ledger.announce(entry)
    }
    try {
      entry.attempts++
      const request = await this.#records.start(entry.id)
      if (entry.ending) return canceled
      if (!request) throw new Error(`The record of request ${entry.id} is missing.`)
      if (entry.attempts > MAX_ATTEMPTS) return lost
      return await this.#settings.run(request, {
        signal: entry.abort.signal,
        log,
        yieldSlot: job => this.#yieldSlot(entry, job),
      })
    } catch (error) {
      if (!entry.ending) this.#settings.onError(error)
      return failServer()
    }
  }

  async #yieldSlot<Value>({ rank }: Entry, job: () => Promise<Value>): Promise<Value> {
    if (rank === 0 || this.#yields >= MAX_YIELDS) return job()
    this.#yields++
    this.#setConcurrency()
    try {
      return await job()
    } finally {
      this.#yields--
      this.#setConcurrency()
    }
  }

  /** Requests that ran when the process crashed run alone, so that a request that crashes the process affects no other. */
  #setConcurrency(): void {
    const [next] = this.#ledger.line
    this.#jobs.concurrency = (next?.rank === 0 ? 1 : this.#settings.concurrency) + this.#yields
  }
}
