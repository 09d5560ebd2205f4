import { HTTPException } from 'hono/http-exception'

/** Memory for bodies that cannot be streamed, shared by all connections. */
export interface Buffers {
  /**
   * Runs a job that holds a body in memory. A single body is always accepted: other limits apply to it.
   *
   * @throws {HTTPException} 429 if the bodies of all connections are larger than the limit
   */
  hold<Value>(bytes: number, job: () => Promise<Value>): Promise<Value>
}

/** @param maxBytes of all bodies together. */
export function createBuffers(maxBytes: number): Buffers {
  let held = 0
  return {
    async hold(bytes, job) {
      if (held > 0 && held + bytes > maxBytes) {
        const message = 'The server is receiving too many bytes at the moment. Try again in a few seconds.'
        const res = Response.json({ detail: message }, { status: 429, headers: { 'retry-after': '5' } })
        throw new HTTPException(429, { message, res })
      }
      held += bytes
      try {
        return await job()
      } finally {
        held -= bytes
      }
    },
  }
}
