import { NobgError, type OptionsInput, parseOptions, type RunOptions } from '@nobg/core'
import type { SharpOptions } from 'sharp'

/** What sharp does itself after the background is gone, and how it spells that. */
const saidToSharp = {
  outputFormat: "`.toFormat('webp')`, or let the extension in `.toFile('out.webp')` decide",
  outputQuality: '`.webp({ quality: 90 })`',
  outputLossless: '`.webp({ lossless: true })`',
  outputMask: '`matte(input)`, which gives the mask',
  backgroundColor: "`.flatten({ background: 'white' })`",
} as const satisfies Partial<Record<keyof OptionsInput, string>>

/** What sharp takes beside an input. */
const inputOptions: ReadonlySet<string> = new Set([
  'animated',
  'autoOrient',
  'create',
  'density',
  'failOn',
  'ignoreIcc',
  'join',
  'limitInputPixels',
  'page',
  'pages',
  'raw',
  'text',
  'unlimited',
] satisfies (keyof SharpOptions)[])

/** nobg's options without those for which sharp has methods; `signal` and `onProgress` concern the removal alone. */
export interface CutoutOptions extends Omit<OptionsInput, keyof typeof saidToSharp>, RunOptions {}

/** Options as core takes them. */
export interface SplitOptions {
  options: OptionsInput
  run: RunOptions
}

/**
 * Checks the options at once, as sharp checks its own.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function splitOptions(given: CutoutOptions): SplitOptions {
  if (typeof given !== 'object' || Array.isArray(given)) {
    const received = Array.isArray(given) ? 'an array' : `a ${typeof given}`
    throw new NobgError('INVALID_OPTION', `Expected an object of options, got ${received}.`, {
      hint: "Write nobg(input, { model: 'portrait' }).",
    })
  }
  refuseInputOptions(given)
  const { signal, onProgress, ...options } = given
  for (const [name, spelling] of Object.entries(saidToSharp)) {
    if ((options as Record<string, unknown>)[name] == null) continue
    throw new NobgError('INVALID_OPTION', `${name}: what comes after the removal is sharp's.`, {
      hint: `Write ${spelling}.`,
    })
  }
  if (signal !== undefined && !isSignal(signal)) {
    throw new NobgError('INVALID_OPTION', `signal: expected an AbortSignal, got ${describe(signal)}.`, {
      hint: 'Give the `signal` of an AbortController.',
    })
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new NobgError('INVALID_OPTION', `onProgress: expected a function, got ${describe(onProgress)}.`, {
      hint: 'Write nobg(input, { onProgress: ({ stage }) => console.log(stage) }).',
    })
  }
  parseOptions(options)
  return { options, run: { signal, onProgress } }
}

/** By what it can do: a simulated browser (jsdom, happy-dom) has a class of its own. */
function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
}

function refuseInputOptions(given: object): void {
  const name = Object.keys(given).find(name => inputOptions.has(name))
  if (!name) return
  throw new NobgError('INVALID_OPTION', `${name}: sharp reads the input, and takes this option.`, {
    hint: `Write nobg(sharp(input, { ${name} })).`,
  })
}

function describe(value: unknown): string {
  return typeof value === 'object' ? 'another object' : `a ${typeof value}`
}
