import { setTimeout as delay } from 'node:timers/promises'
import type { Snapshot } from '../requests/request.ts'
import type { RequestEvents } from './events.ts'
import { isRefusal } from './refusal.ts'
import { isLoss } from './report-loss.ts'

/** Between two reads without an event, because an event may be lost. */
const POLL_MS = 10_000
/** Between two reads while Redis is away. */
const AWAY_MS = 1000

interface WatchSettings {
  events: RequestEvents
  /** Reads the request. */
  find(): Promise<Snapshot | undefined>
  /** Ends the watch. */
  over: AbortSignal
}

/**
 * Yields the current snapshot of a request, then one after each possible change, until it has ended. Waits while Redis is away:
 * a stream that ends would look like the end of the request.
 */
export async function* watchRequest(
  id: string,
  { events, find, over }: WatchSettings,
): AsyncGenerator<Snapshot> {
  let notify = () => {}
  let isWaiting = true
  const unsubscribes = [events.listen(id, () => notify()), events.listenToLine(() => isWaiting && notify())]
  try {
    while (!over.aborted) {
      const change = new Promise<void>(resolve => {
        notify = resolve
      })
      const snapshot = await find().catch(reportAway)
      if (!snapshot) return
      if (snapshot !== 'away') {
        yield snapshot
        if (snapshot.outcome) return
        isWaiting = snapshot.state === 'IN_QUEUE'
      }
      await pauseUntil(change, over, snapshot === 'away' ? AWAY_MS : POLL_MS)
    }
  } finally {
    for (const unsubscribe of unsubscribes) unsubscribe()
  }
}

function reportAway(error: unknown): 'away' {
  if (isLoss(error) || isRefusal(error)) return 'away'
  throw error
}

/** Waits for a change, and no longer than the interval. */
async function pauseUntil(change: Promise<void>, over: AbortSignal, longestMs: number): Promise<void> {
  const changed = new AbortController()
  change.then(() => changed.abort())
  await delay(longestMs, undefined, { signal: AbortSignal.any([over, changed.signal]) }).catch(() => {})
}
