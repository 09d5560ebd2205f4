import { NobgError, parseOptions } from '@nobg/core'
import { findSuggestion, showValue } from '@nobg/core/internal'

/** The expected value of an option, in words and as a test. */
type Expectation = [words: string, isExpected: (value: unknown) => boolean]

const oneOf = (...values: string[]): Expectation => [
  values.map(value => `'${value}'`).join(' or '),
  value => values.includes(value as string),
]

const ofType = (words: string, type: string): Expectation => [words, value => typeof value === type]

/** The plugin's own options, and the options of core that the plugin reads. Core checks all others. */
const expectations: Record<string, Expectation> = {
  cacheDir: ofType('the path of a folder', 'string'),
  presets: ['an object of options by name', value => typeof value === 'object' && value !== null],
  dev: oneOf('original', 'wait'),
  draft: ofType('true or false', 'boolean'),
  unprocessed: oneOf('error', 'warn', 'ignore'),
  onCutout: ofType('a function', 'function'),
  enabled: ofType('true or false', 'boolean'),
  devWaitMs: ofType('a number of milliseconds', 'number'),
}

/**
 * Checks the plugin's own options and all presets, so that a mistake is reported when the server or the build starts.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function checkOptions(options: { presets?: object }): void {
  for (const [name, value] of Object.entries(options)) {
    const [words, isExpected] = Object.hasOwn(expectations, name)
      ? expectations[name]
      : expectCoreOption(name)
    if (value !== undefined && !isExpected(value)) {
      throw new NobgError('INVALID_OPTION', `${name}: expected ${words}, got ${showValue(value)}.`)
    }
  }
  for (const [name, preset] of Object.entries(options.presets ?? {})) checkPreset(name, preset)
}

/** An unknown name belongs to core, unless it is a misspelled name of the plugin's options. */
function expectCoreOption(name: string): Expectation {
  const meant = findSuggestion(name, Object.keys(expectations), name.length < 5 ? 1 : 2)
  if (meant === undefined) return ['', () => true]
  throw new NobgError('INVALID_OPTION', `Unknown option '${name}'.`, { hint: `Did you mean '${meant}'?` })
}

function checkPreset(name: string, preset: unknown): void {
  if (typeof preset !== 'object' || preset === null) {
    throw new NobgError(
      'INVALID_OPTION',
      `Preset '${name}': expected an object of options, got ${showValue(preset)}.`,
    )
  }
  try {
    parseOptions(preset)
  } catch (error) {
    if (!(error instanceof NobgError)) throw error
    throw new NobgError(error.code, `Preset '${name}': ${error.message}`, { hint: error.hint })
  }
}
