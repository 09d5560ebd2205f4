import { abbreviate, showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { findSuggestion } from '../shared/suggest.ts'
import { spellOption } from './parse.ts'
import { type Options, type OptionsInput, optionNames } from './schema.ts'

type OptionName = keyof Options

/** A word of a query: `crop`, or `crop=24`. */
export interface QueryWord {
  /** As written. */
  text: string
  /** Decoded. */
  name: string
  /** Decoded; empty for a bare word. */
  value: string
}

/** Splits a query, without the question mark, into its words. Empty words are left out. */
export function splitQuery(query: string): QueryWord[] {
  return query.split('&').filter(Boolean).map(splitWord)
}

/** Joins words as {@link splitQuery} has split them. */
export function joinWords(words: readonly QueryWord[]): string {
  return words.map(({ text }) => text).join('&')
}

/** The words of the command line and of fal's API for an option, besides its name in each casing. */
const OTHER_SPELLINGS: Record<string, OptionName> = { mask: 'outputMask', mask_only: 'outputMask' }

const OPTION_OF_WORD = new Map<string, OptionName>([
  ...optionNames.flatMap(name =>
    (['camel', 'kebab', 'snake'] as const).map(casing => [spellOption(name, casing), name] as const),
  ),
  ...Object.entries(OTHER_SPELLINGS),
])

/** Names that other tools use for an option. */
const OTHER_NAMES: Record<string, OptionName> = { bg: 'backgroundColor', matte: 'outputMask' }

/** Directives of imagetools that resemble an option. Only the host knows whether imagetools reads them. */
const DIRECTIVES = ['background', 'format', 'lossless', 'quality']

/**
 * The option that a word of a query probably means: a name in any casing, a misspelled name, or a part of a name, such as
 * `quality`. Undefined if the word resembles none.
 */
export function suggestOption(word: string): OptionName | undefined {
  const known = OPTION_OF_WORD.get(word) ?? (Object.hasOwn(OTHER_NAMES, word) ? OTHER_NAMES[word] : undefined)
  // One edit for short words: `flop` of imagetools is no misspelled `crop`.
  const spelling = findSuggestion(word, [...OPTION_OF_WORD.keys()], word.length < 5 ? 1 : 2)
  return known ?? OPTION_OF_WORD.get(spelling ?? '') ?? optionNames.find(name => hasPart(name, word))
}

function hasPart(name: string, word: string): boolean {
  return spellOption(name, 'kebab').split('-').includes(word.toLowerCase())
}

/**
 * Sorts the words of a query into options and the words of other tools.
 *
 * @returns `options` for `parseOptions`, not validated yet; `rest`: every other word, in order.
 * @throws {NobgError} INVALID_OPTION if a word resembles an option, or if an option is given twice.
 */
export function sortWords(words: readonly QueryWord[]): { options: OptionsInput; rest: QueryWord[] } {
  const options: Partial<Record<OptionName, string>> = {}
  const rest: QueryWord[] = []
  for (const word of words) {
    const name = OPTION_OF_WORD.get(word.name)
    if (name) {
      if (Object.hasOwn(options, name))
        throw new NobgError(
          'INVALID_OPTION',
          `Expected the option ${name} once, got it twice in ?${abbreviate(joinWords(words))}.`,
          { hint: `Remove one of the words for ${name}.` },
        )
      options[name] = word.value
      continue
    }
    const meant = DIRECTIVES.includes(word.name) ? undefined : suggestOption(word.name)
    if (meant) {
      throw new NobgError('INVALID_OPTION', `Unknown option ${showValue(word.name)}.`, {
        hint: `Did you mean '${meant}'?`,
      })
    }
    rest.push(word)
  }
  return { options: options as OptionsInput, rest }
}

function splitWord(text: string): QueryWord {
  const at = text.indexOf('=')
  const name = at < 0 ? text : text.slice(0, at)
  const value = at < 0 ? '' : text.slice(at + 1).replaceAll('+', ' ')
  try {
    return { text, name: decodeURIComponent(name), value: decodeURIComponent(value) }
  } catch {
    return { text, name, value }
  }
}
