import { abbreviate, showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { findSuggestion, hintAtNames } from '../shared/suggest.ts'
import { type Options, type OptionsInput, optionNames, optionsSchema } from './schema.ts'

/** Spelling of option names: `outputMask`, `output-mask`, `output_mask`. */
type Casing = 'camel' | 'kebab' | 'snake'

/** The name of an option in a casing. */
export function spellOption(name: string, casing: Casing): string {
  if (casing === 'camel') return name
  return name.replace(/[A-Z]/g, letter => (casing === 'kebab' ? '-' : '_') + letter.toLowerCase())
}

/**
 * Parses options whose names are in camelCase. Returns the normal form: defaults filled in, one spelling per meaning. Parsing
 * is idempotent: options in normal form are returned equal.
 *
 * @throws {NobgError} INVALID_OPTION for an unknown name or a value out of range.
 */
export function parseOptions(input: OptionsInput = {}): Options {
  return validate(input, 'camel')
}

/**
 * Parses flags of a command line: names in kebab-case without dashes in front (`{ 'output-mask': true }`).
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function parseFlags(flags: Record<string, unknown>): Options {
  return validate(flags, 'kebab')
}

/**
 * Splits a query into options and the words of other tools.
 *
 * @param query without the question mark.
 * @returns `options` for {@link parseOptions}, not validated yet; `rest`: every other word, unchanged and in order.
 * @throws {NobgError} INVALID_OPTION if a word is within two edits of an option name, or if an option is given twice.
 */
export function parseQuery(query: string): { options: OptionsInput; rest: string } {
  const options: Record<string, string> = {}
  const rest: string[] = []
  for (const word of query.split('&').filter(Boolean)) {
    const [name, value] = splitWord(word)
    if ((optionNames as string[]).includes(name)) {
      if (Object.hasOwn(options, name))
        throw new NobgError('INVALID_OPTION', `${name}: given twice in ?${abbreviate(query)}.`)
      options[name] = value
      continue
    }
    // One edit for short words: `flop` of imagetools is no misspelled `crop`.
    if (findSuggestion(name, optionNames, name.length < 5 ? 1 : 2)) throw unknownOption(name, optionNames)
    rest.push(word)
  }
  return { options: options as OptionsInput, rest: rest.join('&') }
}

function splitWord(word: string): [name: string, value: string] {
  const at = word.indexOf('=')
  const value = at < 0 ? '' : word.slice(at + 1).replaceAll('+', ' ')
  try {
    return [decodeURIComponent(at < 0 ? word : word.slice(0, at)), decodeURIComponent(value)]
  } catch {
    return [at < 0 ? word : word.slice(0, at), value]
  }
}

function validate(input: object, casing: Casing): Options {
  const nameOf = new Map(optionNames.map(name => [spellOption(name, casing), name]))
  const values: Record<string, unknown> = {}
  for (const [word, value] of Object.entries(input)) {
    const name = nameOf.get(word)
    if (!name) throw unknownOption(word, [...nameOf.keys()])
    // An explicit undefined or null means "not given", in TypeScript and in JSON.
    if (value !== undefined && value !== null) values[name] = value
  }
  const result = optionsSchema.safeParse(values)
  if (result.success) return normalize(result.data)
  const issue = result.error.issues[0]
  const name = String(issue.path[0])
  throw new NobgError(
    'INVALID_OPTION',
    `${spellOption(name, casing)}: ${issue.message}; got ${showValue(values[name])}.`,
  )
}

/** One spelling per meaning, so that equal pixels have equal keys. */
function normalize(options: Options): Options {
  const { outputFormat, outputLossless, outputQuality } = options
  const lossless = outputFormat !== 'png' && outputLossless
  const lossy = outputFormat !== 'png' && !lossless
  return {
    ...options,
    outputLossless: lossless,
    outputQuality: lossy ? (outputQuality ?? (outputFormat === 'webp' ? 80 : 50)) : undefined,
  }
}

function unknownOption(word: string, names: readonly string[]): NobgError {
  return new NobgError('INVALID_OPTION', `Unknown option ${showValue(word)}.`, {
    hint: hintAtNames(word, names, 'options'),
  })
}
