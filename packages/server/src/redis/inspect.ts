import type { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { LogLine } from '../requests/request.ts'

/** How many requests are before one that waits; 0 for one that does not. */
export async function countAhead(redis: Redis, queue: Queue, id: string): Promise<number> {
  // A list that BullMQ fills at its head and empties at its end, and behind it a set in the order of priorities.
  const replies = await redis
    .multi()
    .llen(queue.toKey('wait'))
    .lpos(queue.toKey('wait'), id)
    .zrank(queue.toKey('prioritized'), id)
    .exec()
  const [length, index, rank] = (replies ?? []).map(([, reply]) => reply as number | null)
  if (typeof index === 'number') return (length ?? 0) - 1 - index
  return typeof rank === 'number' ? (length ?? 0) + rank : 0
}

/** What a request has said of itself, all its tries one after the other. */
export async function readLogs(queue: Queue, id: string): Promise<LogLine[]> {
  const { logs } = await queue.getJobLogs(id)
  return logs.map(line => JSON.parse(line))
}
