import { showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { hintAtNames } from '../shared/suggest.ts'
import { type Options, type OptionsInput, optionNames, optionsSchema } from './schema.ts'

/** For a color of a query that starts with `#`. */
export const FRAGMENT_HINT = 'In a query, # starts the fragment: write %23fff or fff.'

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
    // `?backgroundColor=#fff` arrives without its color.
    { hint: name === 'backgroundColor' && values[name] === '' ? FRAGMENT_HINT : undefined },
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
