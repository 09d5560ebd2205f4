import { InvalidArgumentError } from 'commander'

/** A flag that comes more than once. */
export function collect(word: string, before: string[] = []): string[] {
  return [...before, word]
}

/** Reads whole numbers within these bounds. */
export function parseNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
  }
}
