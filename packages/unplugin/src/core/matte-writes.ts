import { statSync } from 'node:fs'
import type { Plan } from '@nobg/core'

/** The plan of a picture, and the path of its kept matte. */
interface PlannedMatte {
  plan: Plan | undefined
  keptMatte: string | undefined
}

/** The kept mattes that this process writes, told from those that the user saves. */
export interface MatteWrites {
  /** Makes a picture, which may keep its predicted matte. */
  record<Value>(planned: PlannedMatte, make: () => Promise<Value>): Promise<Value>
  /** Whether a file is being kept, or was kept and has not changed since. */
  includes(file: string): boolean
}

/** Creates an empty record. */
export function recordMatteWrites(): MatteWrites {
  /** Number of running jobs by path. */
  const running = new Map<string, number>()
  /** Modification time in ms by path. */
  const written = new Map<string, number | undefined>()
  const count = (file: string, step: number) => running.set(file, (running.get(file) ?? 0) + step)
  return {
    async record({ plan, keptMatte }, make) {
      if (!keptMatte || plan?.matte.origin !== 'predicted') return make()
      count(keptMatte, 1)
      try {
        return await make()
      } finally {
        count(keptMatte, -1)
        written.set(keptMatte, readTime(keptMatte))
      }
    },
    includes(file) {
      if (running.get(file)) return true
      const time = written.get(file)
      return time !== undefined && time === readTime(file)
    },
  }
}

function readTime(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs
}
