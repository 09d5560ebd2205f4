import { EventEmitter, on } from 'node:events'
import { expired } from '../requests/outcomes.ts'
import { QueueClosedError } from '../requests/queue.ts'
import type { CutoutRequest, Outcome, Snapshot } from '../requests/request.ts'
import { createEntry, type Entry } from './entry.ts'
import { createLine } from './line.ts'
import { createRecentOutcomes } from './recent-outcomes.ts'
import type { Records, StoredRequest } from './records.ts'

export interface LedgerSettings {
  /** How long the result of a request is kept. */
  retentionMs: number
  /** Is called once when a request has ended. */
  onEnded?(request: Omit<CutoutRequest, 'input'>, outcome: Outcome): void
  /** Is called when a request with a webhook has ended, and again after a restart if it has not resolved. */
  onFinished(request: Omit<CutoutRequest, 'input'>, outcome: Outcome): Promise<void>
  /** Is called for errors that no caller waits for. */
  onError(error: unknown): void
}

/** All requests of a queue: small entries in memory, records on the disk. */
export class Ledger {
  /** Waiting requests. */
  readonly line = createLine<Entry>()
  readonly #settings: LedgerSettings
  readonly #records: Records
  readonly #entries = new Map<string, Entry>()
  readonly #changes = new EventEmitter().setMaxListeners(0)
  readonly #deliveries = new Set<Promise<unknown>>()
  readonly #recent = createRecentOutcomes()
  #isClosed = false

  constructor(settings: LedgerSettings, records: Records) {
    this.#settings = settings
    this.#records = records
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** Adds a request whose record is on the disk to the end of the line. */
  add(request: Omit<CutoutRequest, 'input'>, inputLength: number, attempts: number): Entry {
    const entry = createEntry(request, inputLength, attempts)
    this.#entries.set(entry.id, entry)
    this.line.join(entry, entry.rank)
    return entry
  }

  /** Reads the records of the last process. @returns unfinished requests in the order of their submits */
  async restore(): Promise<StoredRequest[]> {
    const unfinished: StoredRequest[] = []
    for await (const stored of this.#records.list()) {
      const { request, outcome, logs = [], completedAt = 0 } = stored
      if (!outcome) {
        unfinished.push(stored)
        continue
      }
      const ended = { state: 'COMPLETED', ending: Promise.resolve(), logs, completedAt } as const
      const entry = { ...createEntry(request), ...ended }
      this.#entries.set(entry.id, entry)
      this.#deliver(entry, stored).catch(this.#settings.onError)
    }
    await this.sweep()
    return unfinished.sort((one, other) => one.request.createdAt - other.request.createdAt)
  }

  /** Notifies watchers of a change of a request. */
  announce({ id }: Entry): void {
    this.#changes.emit(id)
  }

  /** Notifies watchers of waiting requests that positions have changed. */
  announceLine(): void {
    for (const entry of this.line) this.announce(entry)
  }

  /** Ends a request; the first outcome counts. Resolves when the outcome is on the disk. */
  end(entry: Entry, outcome: Outcome): Promise<void> {
    entry.ending ??= this.#complete(entry, outcome)
    return entry.ending
  }

  async view(entry: Entry): Promise<Snapshot> {
    const { id, state, logs, unsaved } = entry
    const snapshot = { id, state, position: this.line.countAhead(entry), logs: [...logs] }
    if (state !== 'COMPLETED') return snapshot
    const known = unsaved ?? this.#recent.get(id)
    return { ...snapshot, outcome: known ?? (await this.#records.read(id))?.outcome ?? expired }
  }

  /** @see {@link Queue.watch} */
  async *watch(entry: Entry, signal: AbortSignal): AsyncGenerator<Snapshot> {
    if (signal.aborted) return
    const changes = on(this.#changes, entry.id, { signal })
    try {
      for (;;) {
        const snapshot = await this.view(entry)
        yield snapshot
        // Not the entry's state, which may have changed since.
        if (snapshot.state === 'COMPLETED') return
        await changes.next()
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      await changes.return?.()
    }
  }

  /** @returns ids of requests that clients watch */
  listWatched(): string[] {
    return this.#changes.eventNames().map(String)
  }

  /** Aborts all runs and clears the line, because another process runs the requests. */
  drop(): void {
    this.#isClosed = true
    for (const entry of this.#entries.values()) {
      clearTimeout(entry.deadline)
      this.line.leave(entry)
      entry.abort.abort()
    }
  }

  /** Removes requests whose results have expired. */
  async sweep(): Promise<void> {
    const before = Date.now() - this.#settings.retentionMs
    for (const { id, completedAt = Infinity, isDelivering } of this.#entries.values()) {
      if (completedAt > before || isDelivering) continue
      this.#entries.delete(id)
      this.#recent.forget(id)
      await this.#records.remove(id)
    }
  }

  /** Resolves when nothing is written any more. Running requests must have ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#deliveries)
  }

  async #complete(entry: Entry, outcome: Outcome): Promise<void> {
    const { onError } = this.#settings
    clearTimeout(entry.deadline)
    this.line.leave(entry)
    const completedAt = Date.now()
    const { request, attempts, logs } = entry
    try {
      const ended = { request, attempts, logs, outcome, completedAt }
      this.#recent.keep(entry.id, outcome, await this.#records.write(ended))
      this.#deliver(entry, ended).catch(onError)
    } catch (error) {
      if (error instanceof QueueClosedError) return
      // The disk may be full. Clients of this process still get the outcome.
      entry.unsaved = outcome
      onError(error)
    }
    this.#settings.onEnded?.(request, outcome)
    entry.completedAt = completedAt
    entry.state = 'COMPLETED'
    this.announce(entry)
    this.announceLine()
  }

  async #deliver(entry: Entry, stored: StoredRequest): Promise<void> {
    const { request, outcome, delivered } = stored
    if (!outcome || !request.webhookUrl || delivered) return
    entry.isDelivering = true
    try {
      await this.#settings.onFinished(request, outcome)
      // Another process may have the folder by now. Two deliveries are better than none.
      if (this.#isClosed) return
      const written = this.#records.write({ ...stored, delivered: true })
      this.#deliveries.add(written)
      await written.finally(() => this.#deliveries.delete(written))
    } finally {
      entry.isDelivering = false
    }
  }
}
