import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { describeStatus } from '../fal/status.ts'
import type { Services } from './services.ts'

const keepAliveMs = 15_000

/** A request's status as server-sent events, one for each change, until it has ended. Log lines come once each. */
export function streamStatus(
  context: Context,
  { queue, addresses }: Services,
  id: string,
  withLogs: boolean,
): Response {
  context.header('x-accel-buffering', 'no')
  return streamSSE(context, async stream => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    const keepAlive = setInterval(() => void stream.write(': still here\n\n'), keepAliveMs)
    let told = 0
    let last = ''
    try {
      for await (const snapshot of queue.watch(id, gone.signal)) {
        const status = describeStatus(snapshot, addresses, withLogs ? told : undefined)
        // Lines are told from IN_PROGRESS on.
        if (snapshot.state !== 'IN_QUEUE') told = snapshot.logs.length
        const data = escapeToAscii(JSON.stringify(status))
        if (data !== last) await stream.writeSSE({ data })
        last = data
      }
    } catch (error) {
      if (!gone.signal.aborted) throw error
    } finally {
      clearInterval(keepAlive)
    }
  })
}

/** fal's client decodes chunk by chunk, and damages a letter that two chunks share. */
function escapeToAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
