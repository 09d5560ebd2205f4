import { boundTimer } from '../requests/bound-timer.ts'
import { readInputLength } from '../requests/input-length.ts'
import { canceled, failServer, lost, startedTooLate } from '../requests/outcomes.ts'
import { type Queue, QueueClosedError } from '../requests/queue.ts'
import type { CutoutRequest, Outcome, Run, RunContext, Snapshot } from '../requests/request.ts'
import { type Entry, writeLog } from './entry.ts'
import { createJobs, type Jobs } from './jobs.ts'
import { Ledger, type LedgerSettings } from './ledger.ts'
import { type LimitWaiting, limitWaiting } from './limit-waiting.ts'
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
  /** How long `close` waits for running requests before it aborts them. */
  maxCloseMs: number
  run: Run
  /** Is called once if another process took the folder, because this process was stopped for too long. */
  onLost?(error: Error): void
}

/** Number of starts of a request after which nobg gives it up, because the process crashed each time. */
const MAX_ATTEMPTS = 3
const SWEEP_MS = 60_000

/**
 * Opens a queue of this process that stores requests as files, so that accepted requests outlive the process.
 *
 * @throws {NobgError} INVALID_OPTION if another process uses the folder
 */
export async function createEmbeddedQueue(settings: EmbeddedQueueSettings): Promise<Queue> {
  const { dir, onError } = settings
  let queue: EmbeddedQueue | undefined
  const onLost = (error: Error) => queue?.lose(error)
  const release = await lockFolder(dir, onLost)
  try {
    queue = new EmbeddedQueue(settings, await openRecords(dir, { onDamaged: onError, onLost }), release)
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
  readonly #jobs: Jobs
  readonly #limitWaiting: LimitWaiting
  readonly #release: () => Promise<void>
  readonly #sweeper: NodeJS.Timeout
  readonly #closed = new AbortController()
  #isClosing = false
  #isLost = false
  /** Whether the outcomes of the running requests no longer count, because they run again. */
  #isStopped = false

  constructor(settings: EmbeddedQueueSettings, records: Records, release: () => Promise<void>) {
    this.#settings = settings
    this.#records = records
    this.#release = release
    this.#ledger = new Ledger(settings, records)
    this.#jobs = createJobs(settings.concurrency, this.#ledger.line)
    this.#limitWaiting = limitWaiting(settings, this.#ledger.line)
    this.#sweeper = setInterval(() => this.#ledger.sweep().catch(settings.onError), SWEEP_MS).unref()
  }

  async restore(): Promise<void> {
    for (const { request, inputLength = 0, attempts } of await this.#ledger.restore())
      this.#enqueue(request, inputLength, attempts)
    this.#jobs.adjust()
  }

  start(): void {
    if (!this.#isClosing) this.#jobs.pool.start()
  }

  /** Stops working: another process has the folder, and runs the requests. */
  lose(error: Error): void {
    if (this.#isLost) return
    this.#isLost = true
    this.#isClosing = true
    this.#isStopped = true
    clearInterval(this.#sweeper)
    this.#jobs.pool.pause()
    this.#closed.abort()
    this.#ledger.drop()
    this.#settings.onLost?.(error)
  }

  async submit(request: CutoutRequest): Promise<Snapshot> {
    if (this.#isClosing) throw new QueueClosedError('The server is closing.')
    const { input, ...known } = request
    const length = readInputLength(input)
    await this.#limitWaiting(length, () => this.#records.create(request))
    return this.#ledger.view(this.#enqueue(known, length))
  }

  async find(id: string): Promise<Snapshot | undefined> {
    this.#refuseIfLost()
    return this.#ledger.find(id)
  }

  async *watch(id: string, signal: AbortSignal): AsyncGenerator<Snapshot> {
    yield* this.#ledger.watch(id, AbortSignal.any([signal, this.#closed.signal]))
  }

  async wasCut(id: string): Promise<boolean> {
    return this.#ledger.has(id) && this.#records.wasCut(id)
  }

  async cancel(id: string): Promise<'requested' | 'completed' | 'unknown'> {
    this.#refuseIfLost()
    const entry = this.#ledger.get(id)
    if (!entry) return this.#ledger.has(id) ? 'completed' : 'unknown'
    const isFirst = !entry.ending
    if (isFirst) entry.abort.abort()
    await this.#ledger.end(entry, canceled)
    return isFirst ? 'requested' : 'completed'
  }

  async count(): Promise<{ waiting: number; running: number }> {
    return { waiting: this.#ledger.line.length, running: this.#jobs.pool.pending }
  }

  async close(): Promise<void> {
    if (this.#isClosing && !this.#isLost) return
    this.#isClosing = true
    clearInterval(this.#sweeper)
    for (const { deadline } of this.#ledger.line) clearTimeout(deadline)
    this.#jobs.pool.pause()
    const ended = this.#jobs.pool.onPendingZero()
    const limit = setTimeout(() => this.#stopRuns(), boundTimer(this.#settings.maxCloseMs))
    await ended
    clearTimeout(limit)
    if (!this.#isLost)
      for (const id of this.#ledger.listWatched().filter(id => this.#ledger.isOpen(id)))
        await this.#records.noteCut(id)
    this.#closed.abort()
    await this.#ledger.close()
    await this.#release()
  }

  /** Aborts the runs. Their requests run again after the next start, which does not count this start as a crash. */
  #stopRuns(): void {
    this.#isStopped = true
    this.#ledger.drop()
  }

  #refuseIfLost(): void {
    if (this.#isLost) throw new QueueClosedError('Another server has taken over the folder of this server.')
  }

  #enqueue({ startBy, ...request }: Omit<CutoutRequest, 'input'>, inputLength: number, attempts = 0): Entry {
    const { onError } = this.#settings
    const entry = this.#ledger.add(request, inputLength, attempts)
    if (startBy !== undefined) {
      const waitMs = boundTimer(startBy - Date.now())
      entry.deadline = setTimeout(() => this.#ledger.end(entry, startedTooLate), waitMs).unref()
    }
    // If requests have left the line, some jobs find none.
    this.#jobs.pool.add(() => this.#runNext(this.#ledger.line.shift())).catch(onError)
    return entry
  }

  async #runNext(entry: Entry | undefined): Promise<void> {
    if (entry) await this.#run(entry)
    this.#jobs.adjust()
  }

  async #run(entry: Entry): Promise<void> {
    clearTimeout(entry.deadline)
    entry.state = 'IN_PROGRESS'
    this.#ledger.announce(entry)
    this.#ledger.announceLine()
    const outcome = await this.#execute(entry)
    if (!this.#isStopped) return this.#ledger.end(entry, outcome)
    if (!this.#isLost && !entry.ending) await this.#records.uncountStart(entry.id)
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
      const run = this.#jobs.occupy(entry, this.#settings.run)
      return await run(request, { signal: entry.abort.signal, log })
    } catch (error) {
      if (!entry.ending && !this.#isStopped) this.#settings.onError(error)
      return failServer()
    }
  }
}
