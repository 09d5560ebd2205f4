import { EventEmitter } from 'node:events'
import { QueueEvents } from 'bullmq'
import type { Redis } from 'ioredis'
import { prefix } from './connect.ts'
import { queueNames } from './redis-backend.ts'

/** Events of requests in all processes. */
export interface RequestEvents {
  /** Calls back at each change of a request. @returns a function that removes the listener */
  listen(id: string, onChange: () => void): () => void
  /** Calls back when positions in the line have changed. @returns a function that removes the listener */
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
 * Subscribes to the events of BullMQ and to `ended` of {@link RedisBackend}.
 *
 * @param redis its settings are used for a new connection.
 * @param onEnded is called with the id of each request that any process has ended.
 */
export async function openRequestEvents(
  redis: Redis,
  onError: (error: unknown) => void,
  onEnded: (id: string) => void = () => {},
): Promise<RequestEvents> {
  // Without a first id, BullMQ loses events between two of its reads.
  const [seconds, microseconds] = await redis.time()
  const lastEventId = `${seconds}${String(Math.floor(Number(microseconds) / 1000)).padStart(3, '0')}-0`
  const events = new QueueEvents(queueNames.requests, { connection: redis, prefix, lastEventId })
  const emitter = new EventEmitter().setMaxListeners(0)
  const line = Symbol('line')
  events.on('error', onError)
  for (const name of changes)
    events.on(name, ({ jobId }: { jobId: string }) => {
      emitter.emit(jobId)
      if (moves.has(name)) emitter.emit(line)
    })
  events.on(
    'ended' as never,
    (({ jobId }: { jobId: string }) => {
      emitter.emit(jobId)
      onEnded(jobId)
    }) as never,
  )

  const subscribe = (name: string | symbol, listener: () => void) => {
    emitter.on(name, listener)
    return () => void emitter.off(name, listener)
  }
  return {
    listen: subscribe,
    listenToLine: onMove => subscribe(line, onMove),
    close: () => events.close(),
  }
}
