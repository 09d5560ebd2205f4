import { EventEmitter, on } from 'node:events'
import PQueue from 'p-queue'
import type { CutoutRequest, LogLine, Outcome, Run, Snapshot } from '../requests.ts'
import { cancelled, lost, startedTooLate } from './outcomes.ts'
import { type Queue, QueueFullError } from './queue.ts'
import { openRecords, type Records, type StoredRequest } from './records.ts'

export interface EmbeddedSettings {
  /** Folder in which requests are remembered. */
  dir: string
  /** Requests that run at the same time. */
  concurrency: number
  /** Requests that wait at most. */
  maxWaiting: number
  /** How long a finished request is remembered. */
  retentionMs: number
  run: Run
  /** Called once for each request that has ended, again after a restart if it has not resolved before. */
  onFinished(request: CutoutRequest, outcome: Outcome): Promise<void>
  /** Hears what goes wrong where nobody waits for it. */
  onError(error: unknown): void
}

/** A request in memory, without its input and outcome, which may be large. */
interface Live {
  id: string
  state: Snapshot['state']
  priority: CutoutRequest['priority']
  logs: LogLine[]
  abort: AbortController
  deadline?: NodeJS.Timeout
  completedAt?: number
}

/** Times that a request is tried in all when the process dies under it. */
const maxAttempts = 3
const sweepMs = 60_000

/** A queue in this process whose requests are files: what was accepted outlives the process. */
export async function createEmbeddedQueue(settings: EmbeddedSettings): Promise<Queue> {
  const { concurrency, maxWaiting, retentionMs, run, onFinished, onError } = settings
  const records: Records = await openRecords(settings.dir)
  const live = new Map<string, Live>()
  const jobs = new PQueue({ concurrency })
  const changes = new EventEmitter().setMaxListeners(0)

  const listWaiting = () => [...live.values()].filter(({ state }) => state === 'IN_QUEUE')

  function countAhead(id: string): number {
    const waiting = listWaiting()
    const own = waiting.find(one => one.id === id)
    if (!own) return 0
    const isAhead = (one: Live, at: number) =>
      one.priority === own.priority ? at < waiting.indexOf(own) : one.priority === 'normal'
    return waiting.filter(isAhead).length
  }

  async function view(one: Live): Promise<Snapshot> {
    const { id, state, logs } = one
    const outcome = state === 'COMPLETED' ? (await records.read(id))?.outcome : undefined
    return { id, state, position: countAhead(id), logs: [...logs], outcome }
  }

  function tellAll(): void {
    // Whoever waits has moved up.
    for (const { id } of listWaiting()) changes.emit(id)
  }

  async function complete(one: Live, outcome: Outcome): Promise<void> {
    if (one.completedAt !== undefined) return
    one.completedAt = Date.now()
    clearTimeout(one.deadline)
    const stored = await records.read(one.id)
    if (!stored) return
    const { logs, completedAt } = one
    // The input has served its purpose.
    await records.write({
      ...stored,
      request: { ...stored.request, input: undefined },
      logs,
      outcome,
      completedAt,
    })
    one.state = 'COMPLETED'
    changes.emit(one.id)
    tellAll()
    finish(one.id).catch(onError)
  }

  async function finish(id: string): Promise<void> {
    const stored = await records.read(id)
    if (!stored?.outcome || stored.told) return
    await onFinished(stored.request, stored.outcome)
    await records.write({ ...stored, told: true })
  }

  async function work(one: Live): Promise<void> {
    if (one.state !== 'IN_QUEUE') return
    const stored = await records.read(one.id)
    if (!stored) return
    if (stored.attempts >= maxAttempts) return complete(one, lost)
    clearTimeout(one.deadline)
    one.state = 'IN_PROGRESS'
    await records.write({ ...stored, attempts: stored.attempts + 1 })
    changes.emit(one.id)
    tellAll()
    const log = (message: string, level: LogLine['level'] = 'INFO') => {
      one.logs.push({ message, level, source: 'USER', timestamp: new Date().toISOString() })
      changes.emit(one.id)
    }
    const outcome = await run(stored.request, { signal: one.abort.signal, log })
    // Closing leaves what was not done for the next start.
    if (!closing || outcome !== cancelled) await complete(one, outcome)
  }

  function enqueue({ id, priority, startBy }: CutoutRequest): Live {
    const one: Live = { id, state: 'IN_QUEUE', priority, logs: [], abort: new AbortController() }
    live.set(id, one)
    if (startBy !== undefined)
      one.deadline = setTimeout(
        () => complete(one, startedTooLate).catch(onError),
        Math.max(0, startBy - Date.now()),
      ).unref()
    jobs.add(() => work(one), { priority: priority === 'low' ? 0 : 1 }).catch(onError)
    return one
  }

  function restore(stored: StoredRequest): void {
    const { request, outcome, logs = [], completedAt } = stored
    if (!outcome) {
      enqueue(request)
      return
    }
    const { id, priority } = request
    live.set(id, { id, priority, logs, completedAt, state: 'COMPLETED', abort: new AbortController() })
    finish(id).catch(onError)
  }

  async function sweep(): Promise<void> {
    for (const { id, completedAt } of live.values()) {
      if (completedAt === undefined || completedAt + retentionMs > Date.now()) continue
      live.delete(id)
      await records.remove(id)
    }
  }

  let closing = false
  for (const stored of await records.list()) restore(stored)
  const sweeper = setInterval(() => sweep().catch(onError), sweepMs).unref()

  return {
    async submit(request) {
      if (closing || listWaiting().length >= maxWaiting)
        throw new QueueFullError(`Expected at most ${maxWaiting} requests to wait.`)
      await records.write({ request, attempts: 0 })
      return view(enqueue(request))
    },
    async find(id) {
      const one = live.get(id)
      return one && view(one)
    },
    async *watch(id, signal) {
      const one = live.get(id)
      if (!one) return
      const changed = on(changes, id, { signal })
      yield await view(one)
      while (one.state !== 'COMPLETED') {
        await changed.next()
        yield await view(one)
      }
      await changed.return?.()
    },
    async cancel(id) {
      const one = live.get(id)
      if (!one) return 'unknown'
      if (one.state === 'COMPLETED') return 'completed'
      one.abort.abort()
      if (one.state === 'IN_QUEUE') await complete(one, cancelled)
      return 'requested'
    },
    async count() {
      const running = [...live.values()].filter(({ state }) => state === 'IN_PROGRESS').length
      return { waiting: listWaiting().length, running }
    },
    async close() {
      closing = true
      clearInterval(sweeper)
      jobs.pause()
      await jobs.onPendingZero()
    },
  }
}
