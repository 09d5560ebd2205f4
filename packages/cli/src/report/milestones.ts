import type { Progress } from '@nobg/core'

/** Returns a function that tests whether a download has reached its next step, of `steps` equal steps. */
export function createMilestones(steps: number): (progress: Progress) => boolean {
  const reached = new Map<string, number>()
  return ({ stage, done, total, model }) => {
    const step = Math.floor((done / total) * steps)
    if (stage !== 'download' || step <= (reached.get(model) ?? 0)) return false
    reached.set(model, step)
    return true
  }
}
