const SILENCE_MS = 10_000

/** Wraps a callback; repeated messages within ten seconds are dropped. A lost connection reports an error at each retry. */
export function quieten(onError: (error: unknown) => void): (error: unknown) => void {
  const lastAt = new Map<string, number>()
  return error => {
    const { message } = error as Error
    const isRepeated = Date.now() - (lastAt.get(message) ?? 0) < SILENCE_MS
    lastAt.set(message, Date.now())
    if (!isRepeated) onError(error)
    if (lastAt.size > 100) lastAt.clear()
  }
}
