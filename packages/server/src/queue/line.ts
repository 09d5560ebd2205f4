/** 0: was running when the process crashed; 1: priority `normal`; 2: priority `low`. Lower ranks run first. */
export type Rank = 0 | 1 | 2

/** Waiting requests in the order in which they run. */
export interface Line<One> {
  readonly length: number
  join(one: One, rank: Rank): void
  /** @returns whether it was in the line */
  leave(one: One): boolean
  /** Removes and returns the first. */
  shift(): One | undefined
  /** @returns the number ahead; 0 if it is not in the line */
  countAhead(one: One): number
  [Symbol.iterator](): Iterator<One>
}

export function createLine<One>(): Line<One> {
  const ranks = [new Set<One>(), new Set<One>(), new Set<One>()]

  function* walk(): Generator<One> {
    for (const rank of ranks) yield* rank
  }

  return {
    get length() {
      return ranks.reduce((sum, { size }) => sum + size, 0)
    },
    join: (one, rank) => void ranks[rank].add(one),
    leave: one => ranks.some(rank => rank.delete(one)),
    shift() {
      const { value: first } = walk().next()
      for (const rank of ranks) rank.delete(first as One)
      return first as One | undefined
    },
    countAhead(one) {
      let ahead = 0
      for (const other of walk()) {
        if (other === one) return ahead
        ahead++
      }
      return 0
    },
    [Symbol.iterator]: walk,
  }
}
