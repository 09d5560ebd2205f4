const silenceMs = 10_000

/** Passes each message on once in a while: a lost connection is told of at every try. */
export function quieten(onError: (error: unknown) => void): (error: unknown) => void {
  const lastAt = new Map<string, number>()
  return error => {
    const { message } = error as Error
    const isRepeated = Date.now() - (lastAt.get(message) ?? 0) < silenceMs
    lastAt.set(message, Date.now())
    if (!isRepeated) onError(error)
    if (lastAt.size > 100) lastAt.clear()
  }
}
