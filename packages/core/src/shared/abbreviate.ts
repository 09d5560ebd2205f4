/** Longest value of a user's that a message repeats. */
const LONGEST_VALUE = 120
/** Longest word and longest line in a message: most paths are shorter, and every picture in base64 is longer. */
const LONGEST_WORD = 400
const LONGEST_LINE = 2000

/**
 * A value of a user's as a message or a log may repeat it: its beginning and its length if it is long. A whole picture
 * as base64 would else fill the terminal.
 */
export function abbreviate(value: string, longest: number = LONGEST_VALUE): string {
  if (value.length <= longest) return value
  // Not between the two halves of a character.
  const start = value.slice(0, longest - 20).replace(/[\uD800-\uDBFF]$/, '')
  return `${start}… (${value.length} characters)`
}

/** A value of any type as {@link abbreviate} gives it, strings in quotes. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return `'${abbreviate(value)}'`
  return abbreviate(spell(value))
}

function spell(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    // A cycle, or a bigint.
    return typeof value === 'bigint' ? `${value}n` : Object.prototype.toString.call(value)
  }
}

/** A message without its overlong words and lines, which come from outside: the last resort where nobody abbreviated. */
export function abbreviateMessage(message: string): string {
  if (message.length <= LONGEST_WORD) return message
  const words = message.replace(/\S+/g, word => abbreviate(word, LONGEST_WORD))
  return words.replace(/.+/g, line => abbreviate(line, LONGEST_LINE))
}
