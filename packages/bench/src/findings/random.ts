/** Pseudorandom choices, the same for the same seed. */
export interface Random {
  /** Returns a number in [0,1). */
  next(): number
  pick<Item>(items: readonly Item[]): Item
}

/** @see https://en.wikipedia.org/wiki/Linear_congruential_generator with the constants of Numerical Recipes */
export function createRandom(seed: number): Random {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  for (let i = 0; i < 8; i++) next()
  return { next, pick: items => items[Math.floor(next() * items.length)] }
}
