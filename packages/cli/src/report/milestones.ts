import type { Progress } from '@nobg/core'

/** Returns whether a report is of a download that has come one step further: of ten steps, or of a hundred. */
export function createMilestones(steps: number): (progress: Progress) => boolean {
  const reached = new Map<string, number>()
  return ({ stage, done, total, model }) => {
    const step = Math.floor((done / total) * steps)
    if (stage !== 'download' || step <= (reached.get(model) ?? 0)) return false
    reached.set(model, step)
    return true
  }
}
