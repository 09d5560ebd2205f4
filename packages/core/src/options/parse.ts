import { abbreviate, showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { findSuggestion } from '../shared/suggest.ts'
import { type Options, type OptionsInput, optionNames, optionsSchema } from './schema.ts'

/** How a door writes option names: `outputMask`, `output-mask`, `output_mask`. */
type Casing = 'camel' | 'kebab' | 'snake'

/** An option's name as a door writes it. */
export function spellOption(name: string, casing: Casing): string {
  if (casing === 'camel') return name
  return name.replace(/[A-Z]/g, letter => (casing === 'kebab' ? '-' : '_') + letter.toLowerCase())
}

/**
 * The TypeScript door: options in camelCase.
 *
 * @throws {NobgError} INVALID_OPTION for an unknown name or a value out of range.
 */
export function parseOptions(input: OptionsInput = {}): Options {
  return validate(input, 'camel')
}

/**
 * The command line's door: words in kebab-case without their dashes (`{ 'output-mask': true }`), values as typed.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function parseFlags(flags: Record<string, unknown>): Options {
  return validate(flags, 'kebab')
}

/**
 * HTTP's door: snake_case JSON, as fal's clients send it.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function parseJson(body: unknown): Options {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new NobgError('INVALID_OPTION', `Options: expected a JSON object, got ${showValue(body)}.`)
  }
  return validate(body as Record<string, unknown>, 'snake')
}

/**
 * The query's door: takes the words that are ours and leaves the others to whoever they belong to.
 *
 * @param query without the question mark.
 * @returns `options` for {@link parseOptions}, still unvalidated; `rest`: every other word, verbatim and in order.
 * @throws {NobgError} INVALID_OPTION for a word within two letters of one of ours, or one given twice.
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
    // In a short word two edits are half of it: imagetools' `flop` is no misspelt `crop`.
    const meant = findSuggestion(name, optionNames, name.length < 5 ? 1 : 2)
    if (meant) throw unknownOption(name, meant)
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
    if (!name) throw unknownOption(word, findSuggestion(word, [...nameOf.keys()]))
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

function unknownOption(word: string, meant: string | undefined): NobgError {
  return new NobgError('INVALID_OPTION', `Unknown option ${showValue(word)}.`, {
    hint: meant ? `Did you mean '${meant}'?` : `The options are ${optionNames.join(', ')}.`,
  })
}
