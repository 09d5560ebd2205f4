import type { MemorySample } from './machines.ts'

const NONE: MemorySample = { server: 0, worker: 0, all: 0 }

/** What the clients have seen. */
export interface SoakCounts {
  /** Requests that were answered with an id. */
  accepted: number
  /** Requests whose result was fetched and is complete. */
  finished: number
  /** Requests that this client has canceled. */
  canceled: number
  /** Why an accepted request has no result. */
  lost: string[]
  /** Files that were read back unchanged. */
  uploads: number
  /** Readers that read a file slowly to its end. */
  slow: number
  /** Answers to hostile calls, by kind and status. */
  attacks: Record<string, number>
  /** Time of each status call that was answered with 200 or 202, in ms. */
  statusMs: number[]
  /** Highest memory of each stretch of time. */
  memory: MemorySample[]
  noteMemory(sample: MemorySample): void
  /** Begins the next stretch of time. */
  endStretch(): void
}

export function createSoakCounts(): SoakCounts {
  let peak = NONE
  return {
    accepted: 0,
    finished: 0,
    canceled: 0,
    lost: [],
    uploads: 0,
    slow: 0,
    attacks: {},
    statusMs: [],
    memory: [],
    noteMemory({ server, worker, all }) {
      peak = {
        server: Math.max(peak.server, server),
        worker: Math.max(peak.worker, worker),
        all: Math.max(peak.all, all),
      }
    },
    endStretch() {
      this.memory.push(peak)
      peak = NONE
    },
  }
}
