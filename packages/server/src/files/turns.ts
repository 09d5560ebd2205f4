/** Runs the calls for one upload one after the other, so that a file and its replacement are not written at the same time. */
export function createTurns() {
  const last = new Map<string, Promise<unknown>>()
  return async <Value>(token: string, run: () => Promise<Value>): Promise<Value> => {
    const turn = (last.get(token) ?? Promise.resolve()).then(run)
    const settled = turn.catch(() => {})
    last.set(token, settled)
    await settled
    if (last.get(token) === settled) last.delete(token)
    return turn
  }
}
