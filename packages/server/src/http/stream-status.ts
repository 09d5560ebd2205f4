import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { describeStatus } from '../fal/status.ts'
import type { Services } from './services.ts'

const KEEP_ALIVE_MS = 15_000

/** Streams a request's status as server-sent events, one for each change, until the end. Each log line is sent once. */
export function streamStatus(
  context: Context,
  { queue, addresses }: Services,
  id: string,
  withLogs: boolean,
  onError: (error: unknown) => void,
): Response {
  context.header('x-accel-buffering', 'no')
  return streamSSE(context, async stream => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    const keepAlive = setInterval(() => void stream.write(': still here\n\n'), KEEP_ALIVE_MS)
    let sentLogs = 0
    let last = ''
    try {
      for await (const snapshot of queue.watch(id, gone.signal)) {
        const status = describeStatus(snapshot, addresses, withLogs ? sentLogs : undefined)
        // The status contains log lines from IN_PROGRESS on.
        if (snapshot.state !== 'IN_QUEUE') sentLogs = snapshot.logs.length
        const data = escapeToAscii(JSON.stringify(status))
        if (data !== last) await stream.writeSSE({ data })
        last = data
      }
    } catch (error) {
      // Not thrown: Hono would print all fields of the error, with the commands of Redis in its causes.
      if (!gone.signal.aborted) onError(error)
    } finally {
      clearInterval(keepAlive)
    }
  })
}

/** fal's client decodes each chunk alone and damages a character that is split between two chunks. */
function escapeToAscii(json: string): string {
  return json.replace(
    /[^\x20-\x7e]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
