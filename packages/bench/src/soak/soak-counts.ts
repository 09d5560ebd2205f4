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
  /** Highest memory between two outages, in MB. */
  memory: number[]
  noteMemory(mb: number): void
  endLife(): void
}

export function createSoakCounts(): SoakCounts {
  let peak = 0
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
    noteMemory(mb) {
      peak = Math.max(peak, mb)
    },
    endLife() {
      this.memory.push(peak)
      peak = 0
    },
  }
}
