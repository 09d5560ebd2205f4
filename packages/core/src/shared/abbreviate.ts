import { hideCredentials } from './hide-credentials.ts'

/** Maximum length of a user's value in a message. */
const LONGEST_VALUE = 120
/** Maximum length of a word and of a line in a message: longer than most paths, shorter than an image in base64. */
const LONGEST_WORD = 400
const LONGEST_LINE = 2000

/**
 * Returns a user's value for a message or a log: a long value is cut, and its length is added. An image in base64 would fill
 * the terminal.
 */
export function abbreviate(value: string, longest: number = LONGEST_VALUE): string {
  if (value.length <= longest) return value
  // Does not split a surrogate pair.
  const start = value.slice(0, longest - 20).replace(/[\uD800-\uDBFF]$/, '')
  return `${start}… (${value.length} characters)`
}

/** Returns a value of any type as {@link abbreviate} does, strings in quotes. */
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

/** Returns a message without the passwords of addresses, with its long words and lines abbreviated. */
export function abbreviateMessage(text: string): string {
  const message = hideCredentials(text)
  if (message.length <= LONGEST_WORD) return message
  const words = message.replace(/\S+/g, word => abbreviate(word, LONGEST_WORD))
  return words.replace(/.+/g, line => abbreviate(line, LONGEST_LINE))
}
