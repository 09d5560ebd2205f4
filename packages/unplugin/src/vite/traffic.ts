import { setTimeout as wait } from 'node:timers/promises'
import type { Connect } from 'vite'

/** The requests for pages and modules. */
export interface Traffic {
  /** Number of requests without a complete answer. */
  pending: number
  /** Time of the last complete answer, by `performance.now()`. */
  answeredAt: number
  /** Time when a page last told that it has its modules, by `performance.now()`. */
  loadedAt: number
}

/** A page's next requests follow within this time: the browser parses a module and requests its imports. */
const QUIET_MS = 500
/** A page that never stops to request, or a stream without an end, delays pictures by this time. */
const LONGEST_WAIT_MS = 3000
const CHECK_EVERY_MS = 25

/** Middleware that counts the requests that come after it, except those for images. */
export function watchTraffic(traffic: Traffic): Connect.NextHandleFunction {
  return ({ headers }, response, next) => {
    if (headers.accept?.startsWith('image/')) return next()
    traffic.pending++
    response.once('close', () => {
      traffic.pending--
      traffic.answeredAt = performance.now()
    })
    next()
  }
}

/** Waits until pages have their modules: inference uses all cores, and would delay them. */
export async function untilQuiet(traffic: Traffic): Promise<void> {
  const startedAt = performance.now()
  for (;;) {
    const now = performance.now()
    const lastAt = Math.max(traffic.answeredAt, startedAt)
    const isBusy = traffic.pending > 0 || (traffic.loadedAt < lastAt && now - lastAt < QUIET_MS)
    if (!isBusy || now - startedAt >= LONGEST_WAIT_MS) return
    await wait(CHECK_EVERY_MS)
  }
}
