import { EventEmitter, on } from 'node:events'
import { expired } from '../requests/outcomes.ts'
import { QueueClosedError } from '../requests/queue.ts'
import type { CutoutRequest, Outcome, Snapshot } from '../requests/request.ts'
import { createDeliveries, type Deliveries, type DeliverySettings } from './deliveries.ts'
import { createEntry, type Entry } from './entry.ts'
import { createLine } from './line.ts'
import { createRecentOutcomes } from './recent-outcomes.ts'
import type { Records, StoredRequest } from './records.ts'

export interface LedgerSettings extends DeliverySettings {
  /** How long the result of a request is kept. */
  retentionMs: number
  /** Is called once when a request has ended. */
  onEnded?(request: Omit<CutoutRequest, 'input'>, outcome: Outcome): void
  /** Is called for errors that no caller waits for. */
  onError(error: unknown): void
}

/**
 * All requests of a queue, with records on the disk. In memory are the requests that have not ended. Of a request that has ended
 * only the id: an aborted run keeps the stack of the call that aborted it, with the body of that call.
 */
export class Ledger {
  /** Waiting requests. */
  readonly line = createLine<Entry>()
  readonly #settings: LedgerSettings
  readonly #records: Records
  readonly #entries = new Map<string, Entry>()
  /** Times of the ends of all other requests, in milliseconds since 1970, by id. */
  readonly #ended = new Map<string, number>()
  readonly #changes = new EventEmitter().setMaxListeners(0)
  readonly #deliveries: Deliveries
  readonly #recent = createRecentOutcomes()

  constructor(settings: LedgerSettings, records: Records) {
    this.#settings = settings
    this.#records = records
    this.#deliveries = createDeliveries(settings, records)
  }

  /** @returns a request that has not ended, or whose outcome is not on the disk */
  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  has(id: string): boolean {
    return this.#entries.has(id) || this.#ended.has(id)
  }

  isOpen(id: string): boolean {
    const entry = this.#entries.get(id)
    return entry !== undefined && entry.state !== 'COMPLETED'
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
      const { request, outcome, completedAt = 0 } = stored
      if (!outcome) {
        unfinished.push(stored)
        continue
      }
      this.#ended.set(request.id, completedAt)
      this.#deliveries.deliver(stored).catch(this.#settings.onError)
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

  /** @returns undefined if there is no request of this id */
  async find(id: string): Promise<Snapshot | undefined> {
    const entry = this.#entries.get(id)
    if (entry) return this.view(entry)
    return this.#ended.has(id) ? this.#viewEnd(id) : undefined
  }

  async view(entry: Entry): Promise<Snapshot> {
    const { id, state, logs, unsaved } = entry
    const position = this.line.countAhead(entry)
    if (state !== 'COMPLETED') return { id, state, position, logs: [...logs] }
    return unsaved ? { id, state, position, logs: [...logs], ...unsaved } : this.#viewEnd(id)
  }

  async #viewEnd(id: string): Promise<Snapshot> {
    const { outcome = expired, logs = [] } = this.#recent.get(id) ?? (await this.#records.read(id)) ?? {}
    return { id, state: 'COMPLETED', position: 0, logs, outcome }
  }

  /** @see {@link Queue.watch} */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<Snapshot> {
    if (signal.aborted) return
    const entry = this.#entries.get(id)
    const ended = entry ? undefined : await this.find(id)
    if (ended) yield ended
    if (entry) yield* this.#watchEntry(entry, signal)
  }

  async *#watchEntry(entry: Entry, signal: AbortSignal): AsyncGenerator<Snapshot> {
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
    this.#deliveries.stop()
    for (const entry of this.#entries.values()) {
      clearTimeout(entry.deadline)
      this.line.leave(entry)
      entry.abort.abort()
    }
  }

  /** Removes requests whose results have expired. */
  async sweep(): Promise<void> {
    const before = Date.now() - this.#settings.retentionMs
    const unsaved = [...this.#entries.values()].map(
      ({ id, unsaved }) => [id, unsaved?.completedAt ?? Infinity] as const,
    )
    for (const [id, completedAt] of [...this.#ended, ...unsaved]) {
      if (completedAt > before || this.#deliveries.isDelivering(id)) continue
      this.#entries.delete(id)
      this.#ended.delete(id)
      this.#recent.forget(id)
      await this.#records.remove(id)
    }
  }

  /** Resolves when nothing is written any more. Running requests must have ended. */
  close(): Promise<void> {
    return this.#deliveries.close()
  }

  async #complete(entry: Entry, outcome: Outcome): Promise<void> {
    const { onError } = this.#settings
    clearTimeout(entry.deadline)
    this.line.leave(entry)
    const completedAt = Date.now()
    const { request, attempts, logs } = entry
    try {
      const ended = { request, attempts, logs, outcome, completedAt }
      this.#recent.keep(entry.id, ended, await this.#records.write(ended))
      this.#deliveries.deliver(ended).catch(onError)
      this.#entries.delete(entry.id)
      this.#ended.set(entry.id, completedAt)
    } catch (error) {
      if (error instanceof QueueClosedError) return
      // The disk may be full. Clients of this process still get the outcome.
      entry.unsaved = { outcome, completedAt }
      onError(error)
    }
    this.#settings.onEnded?.(request, outcome)
    entry.state = 'COMPLETED'
    this.announce(entry)
    this.announceLine()
  }
}
