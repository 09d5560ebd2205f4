import { NobgError } from '@nobg/core'
import { FRAGMENT_HINT, type QueryWord, suggestOption } from '@nobg/core/internal'
import type { PlannedCutout } from './cutouts.ts'
import { describePlace, explainError } from './errors.ts'

/** Words that only make an address new: `v=2`. */
const ADDRESS_WORDS = ['v', 't']

/** The plans of the pictures whose words were reported as an error. */
const refused = new WeakSet<object>()

/** Whether the words of a picture were reported as an error. */
export function isRefused({ plan }: PlannedCutout): boolean {
  return plan !== undefined && refused.has(plan)
}

/**
 * Reports the words of a picture's query that no plugin has read. Call this if the address of the picture is final.
 *
 * @param warn receives a message about words that may be meant for another plugin.
 * @param hostWords words that the host itself reads.
 * @throws {LocatedError} INVALID_OPTION if a word resembles an option
 */
export function reportLeftOverWords(
  planned: PlannedCutout,
  warn: (message: string) => void,
  hostWords: readonly string[] = [],
): void {
  const words = planned.rest.filter(({ name }) => ![...ADDRESS_WORDS, ...hostWords].includes(name))
  const [word] = words
  if (!word || !planned.plan) return
  const found = words.find(({ name }) => suggestOption(name))
  if (found) {
    refused.add(planned.plan)
    throw explainError(createError(found), planned.source, planned.site)
  }
  const texts = words.map(({ text }) => `'${text}'`).join(', ')
  const { text } = planned.site
  const [noun, pronoun] = words.length > 1 ? ['words', 'these words'] : ['word', 'this word']
  warn(
    `nobg: no plugin reads the ${noun} ${texts} of '${text}'${describePlace(planned.site)}. Remove ${pronoun}, or add the plugin that reads ${pronoun}.`,
  )
}

function createError({ text, name, value }: QueryWord): NobgError {
  const meant = suggestOption(name)
  const hint = `Did you mean '${meant}'?`
  const isColor = meant === 'backgroundColor' && value === ''
  return new NobgError(
    'INVALID_OPTION',
    `Expected a word that nobg or another plugin reads, got '${text}'.`,
    {
      hint: isColor ? `${hint} ${FRAGMENT_HINT}` : hint,
    },
  )
}
