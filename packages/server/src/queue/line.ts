/** Whose turn it is first: what was under way when the server died, then what came as `normal`, then `low`. */
export type Rank = 0 | 1 | 2

/** Requests that wait, in the order in which they will run. */
export interface Line<One> {
  readonly length: number
  join(one: One, rank: Rank): void
  /** @returns whether it stood there */
  leave(one: One): boolean
  /** Takes the first one out. */
  shift(): One | undefined
  /** How many are before it; 0 for one that does not stand here. */
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
