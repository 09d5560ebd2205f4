import { InvalidArgumentError } from 'commander'

/** Parser of a flag that may be repeated. */
export function collect(word: string, before: string[] = []): string[] {
  return [...before, word]
}

/** Parser of whole numbers from `least` to `most`. */
export function parseNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
  }
}
