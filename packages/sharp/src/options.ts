import { NobgError, type OptionsInput, parseOptions, type RunOptions } from '@nobg/core'

/** Options of nobg that sharp has methods for, and the methods. */
const SHARP_METHODS = {
  outputFormat: "`.toFormat('webp')`, or let the extension in `.toFile('out.webp')` decide",
  outputQuality: '`.webp({ quality: 90 })`',
  outputLossless: '`.webp({ lossless: true })`',
  outputMask: '`matte(input)`, which gives the mask',
  backgroundColor: "`.flatten({ background: 'white' })`",
} as const satisfies Partial<Record<keyof OptionsInput, string>>

/** nobg's options without those that sharp has methods for. `signal` and `onProgress` apply to the removal only. */
export interface CutoutOptions extends Omit<OptionsInput, keyof typeof SHARP_METHODS>, RunOptions {}

/** Options in the form that core takes. */
export interface SplitOptions {
  options: OptionsInput
  run: RunOptions
}

/**
 * Checks the options and splits them.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function splitOptions(given: CutoutOptions): SplitOptions {
  if (typeof given !== 'object') {
    throw new NobgError('INVALID_OPTION', `Expected an object of options, got a ${typeof given}.`, {
      hint: "Write nobg(input, { model: 'portrait' }).",
    })
  }
  const { signal, onProgress, ...options } = given
  for (const [name, spelling] of Object.entries(SHARP_METHODS)) {
    if ((options as Record<string, unknown>)[name] == null) continue
    throw new NobgError(
      'INVALID_OPTION',
      `Expected an option of the removal, got ${name}, which sharp has a method for.`,
      {
        hint: `Write ${spelling}.`,
      },
    )
  }
  if (signal !== undefined && !isSignal(signal)) {
    throw new NobgError('INVALID_OPTION', `signal: expected an AbortSignal, got a ${typeof signal}.`)
  }
  parseOptions(options)
  return { options, run: { signal, onProgress } }
}

/** Checks properties, because jsdom and happy-dom have other classes. */
function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
}
