import { EventEmitter, on } from 'node:events'
import { expired } from '../requests/outcomes.ts'
import type { CutoutRequest, Outcome, Snapshot } from '../requests/request.ts'
import { createEntry, type Entry } from './entry.ts'
import { createLine } from './line.ts'
import { createRecentOutcomes } from './recent-outcomes.ts'
import type { Records, StoredRequest } from './records.ts'

export interface LedgerSettings {
  /** How long a finished request is remembered. */
  retentionMs: number
  /** Called for each request with a webhook that has ended; again after a restart if it has not resolved before. */
  onFinished(request: Omit<CutoutRequest, 'input'>, outcome: Outcome): Promise<void>
  /** Hears what goes wrong where nobody waits for it. */
  onError(error: unknown): void
}

/** What is known of each request: little of it in memory, all of it on disk. */
export class Ledger {
  /** Those that wait. */
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

  /** Remembers a request that the disk has, at the end of the line. */
  add(request: Omit<CutoutRequest, 'input'>, attempts: number): Entry {
    const entry = createEntry(request, attempts)
    this.#entries.set(entry.id, entry)
    this.line.join(entry, entry.rank)
    return entry
  }

  /** Takes up what the last process left. @returns what it did not finish, in the order in which it came */
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

  /** Says to all who watch that a request has changed. */
  announce({ id }: Entry): void {
    this.#changes.emit(id)
  }

  /** Says to those who wait that they have moved up. */
  announceLine(): void {
    for (const entry of this.line) this.announce(entry)
  }

  /** OutcomeStore a request, once: what comes first counts. Resolves when the disk has it. */
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
        // Not the entry's state: it may have gone on since.
        if (snapshot.state === 'COMPLETED') return
        await changes.next()
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      await changes.return?.()
    }
  }

  /** Forgets what ended long ago. */
  async sweep(): Promise<void> {
    const before = Date.now() - this.#settings.retentionMs
    for (const { id, completedAt = Infinity, isDelivering } of this.#entries.values()) {
      if (completedAt > before || isDelivering) continue
      this.#entries.delete(id)
      this.#recent.forget(id)
      await this.#records.remove(id)
    }
  }

  /** Leaves the folder alone from now on. Requests that run have ended before. */
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
      // A full disk, say: who waits for this one still hears of its end.
      entry.unsaved = outcome
      onError(error)
    }
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
