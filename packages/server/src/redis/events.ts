import { EventEmitter } from 'node:events'
import { QueueEvents } from 'bullmq'
import type { Redis } from 'ioredis'
import { prefix } from './connect.ts'
import { queueNames } from './redis-backend.ts'

/** What happens to requests, wherever it happens. */
export interface RequestEvents {
  /** Calls back at each change of a request. @returns ends it */
  listen(id: string, onChange: () => void): () => void
  /** Calls back when the line has moved. @returns ends it */
  listenToLine(onMove: () => void): () => void
  close(): Promise<void>
}

const changes = [
  'active',
  'progress',
  'completed',
  'failed',
  'delayed',
  'waiting',
  'stalled',
  'removed',
] as const
const moves = new Set<string>(['active', 'removed'])

/**
 * Hears the events of BullMQ, and `ended` of our own, from now on.
 *
 * @param redis of the user's; it gets a connection of its own.
 * @param onEnded hears which request has ended, by whichever process.
 */
export async function openRequestEvents(
  redis: Redis,
  onError: (error: unknown) => void,
  onEnded: (id: string) => void = () => {},
): Promise<RequestEvents> {
  // BullMQ asks for what is new anew each time, and what comes between two questions is lost, unless it knows since when.
  const [seconds, microseconds] = await redis.time()
  const lastEventId = `${seconds}${String(Math.floor(Number(microseconds) / 1000)).padStart(3, '0')}-0`
  const events = new QueueEvents(queueNames.requests, { connection: redis, prefix, lastEventId })
  const bell = new EventEmitter().setMaxListeners(0)
  const line = Symbol('line')
  events.on('error', onError)
  for (const name of changes)
    events.on(name, ({ jobId }: { jobId: string }) => {
      bell.emit(jobId)
      if (moves.has(name)) bell.emit(line)
    })
  events.on(
    'ended' as never,
    (({ jobId }: { jobId: string }) => {
      bell.emit(jobId)
      onEnded(jobId)
    }) as never,
  )

  const subscribe = (name: string | symbol, listener: () => void) => {
    bell.on(name, listener)
    return () => void bell.off(name, listener)
  }
  return {
    listen: subscribe,
    listenToLine: onMove => subscribe(line, onMove),
    close: () => events.close(),
  }
}
