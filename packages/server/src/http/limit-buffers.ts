import { HTTPException } from 'hono/http-exception'
import type { Arrival } from './incoming.ts'

/** Memory for bodies that cannot be streamed, shared by all connections. */
export interface Buffers {
  /**
   * Runs a job that holds a body in memory. A single body is always accepted: other limits apply to it. If there is no room, the
   * connections of slow bodies are closed, so that clients who announce bodies and do not send them keep no others out.
   *
   * @param arrival of the body, if it is read during the job.
   * @throws {HTTPException} 429 if the bodies of all connections are larger than the limit
   */
  hold<Value>(bytes: number, job: () => Promise<Value>, arrival?: Arrival): Promise<Value>
}

interface Hold {
  bytes: number
  arrival?: Arrival
  since: number
}

/** A body is slow if it has fewer bytes per second than a slow mobile connection, after some seconds. */
const SLOW_AFTER_MS = 10_000
const SLOW_BYTES_PER_SECOND = 64 * 1024

/** @param maxBytes of all bodies together. @param now in milliseconds. */
export function createBuffers(maxBytes: number, now = () => performance.now()): Buffers {
  const holds = new Set<Hold>()

  const hasRoom = (bytes: number) => {
    let held = 0
    for (const one of holds) held += one.bytes
    return held === 0 || held + bytes <= maxBytes
  }

  function isSlow({ arrival, since }: Hold): boolean {
    const ms = now() - since
    if (!arrival || arrival.isComplete() || ms < SLOW_AFTER_MS) return false
    return arrival.countBytes() < (ms / 1000) * SLOW_BYTES_PER_SECOND
  }

  function dropSlow(): void {
    for (const one of holds) {
      if (!isSlow(one)) continue
      holds.delete(one)
      one.arrival?.drop()
    }
  }

  return {
    async hold(bytes, job, arrival) {
      if (!hasRoom(bytes)) dropSlow()
      if (!hasRoom(bytes)) {
        const message = 'The server is receiving too many bytes at the moment. Try again in a few seconds.'
        const res = Response.json({ detail: message }, { status: 429, headers: { 'retry-after': '5' } })
        throw new HTTPException(429, { message, res })
      }
      const own: Hold = { bytes, arrival, since: now() }
      holds.add(own)
      try {
        return await job()
      } finally {
        holds.delete(own)
      }
    },
  }
}
