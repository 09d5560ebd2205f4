import { NobgError } from '@nobg/core'
import { FRAGMENT_HINT, type QueryWord, suggestOption } from '@nobg/core/internal'
import type { PlannedCutout } from './cutouts.ts'
import { describePlace, explainError } from './errors.ts'

/** Words of Vite and of frameworks, and words that only change an address, such as `v=2`. */
const HOST_WORDS = new Set(
  'url raw inline no-inline import direct worker sharedworker init html-proxy commonjs-proxy used lang type src index vue t v'.split(
    ' ',
  ),
)

/**
 * Reports the words of a picture's query that no plugin has read. Call this if the address of the picture is final.
 *
 * @param warn receives a message about words that may be meant for another plugin.
 * @throws {LocatedError} INVALID_OPTION if a word resembles an option
 */
export function reportLeftOverWords(planned: PlannedCutout, warn: (message: string) => void): void {
  const words = planned.rest.filter(({ name }) => !HOST_WORDS.has(name))
  const [word] = words
  if (!word || !planned.plan) return
  const found = words.find(({ name }) => suggestOption(name))
  if (found) throw explainError(createError(found), planned.source, planned.site)
  const texts = words.map(({ text }) => `'${text}'`).join(', ')
  const { text } = planned.site
  warn(
    `nobg: no plugin reads ${texts} of '${text}'${describePlace(planned.site)}: remove it, or add the plugin that reads it.`,
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
