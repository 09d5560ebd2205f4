/** The longest delay that a timer takes, 24 days. Node fires a timer with a longer delay at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** @returns a delay that a timer takes */
export function boundTimer(ms: number): number {
  return Math.min(Math.max(0, ms), MAX_TIMER_MS)
}
