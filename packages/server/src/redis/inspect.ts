import type { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { LogLine } from '../requests/request.ts'

/** @returns the number of requests ahead of a waiting one; 0 if it does not wait */
export async function countAhead(redis: Redis, queue: Queue, id: string): Promise<number> {
  // BullMQ fills a list at its head and empties it at its end. A sorted set of prioritized jobs comes after the list. No transaction:
  // a Redis whose memory is full refuses even reads in one.
  const replies = await redis
    .pipeline()
    .lpos(queue.toKey('wait'), id)
    .zrank(queue.toKey('prioritized'), id)
    .llen(queue.toKey('wait'))
    .exec()
  const [index, rank, length] = (replies ?? []).map(([error, reply]) => {
    if (error) throw error
    return reply as number | null
  })
  // The list may have changed between the commands.
  if (typeof index === 'number') return Math.max(0, (length ?? 0) - 1 - index)
  return typeof rank === 'number' ? (length ?? 0) + rank : 0
}

/** @returns the log of a request, of all its attempts */
export async function readLogs(queue: Queue, id: string): Promise<LogLine[]> {
  const { logs } = await queue.getJobLogs(id)
  return logs.map(line => JSON.parse(line))
}
