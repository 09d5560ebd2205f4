import { NobgError, type Options, type OptionsInput, parseOptions, type RunOptions } from '@nobg/core'
import type { SharpOptions } from 'sharp'
import { type CutoutInput, isStream } from './input.ts'

/** Options of nobg that sharp has methods for, and the methods. */
const SHARP_METHODS = {
  outputFormat: "`.toFormat('webp')`, or the extension in `.toFile('out.webp')`",
  outputQuality: '`.webp({ quality: 90 })`',
  outputLossless: '`.webp({ lossless: true })`',
  outputMask: '`matte(input)`, which gives the mask',
  backgroundColor: "`.flatten({ background: 'white' })`",
} as const satisfies Partial<Record<keyof OptionsInput, string>>

/** Options that sharp takes with an input. */
const INPUT_OPTIONS: ReadonlySet<string> = new Set([
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

/** nobg's options without those that sharp has methods for. `signal` and `onProgress` apply to the removal only. */
export interface CutoutOptions extends Omit<OptionsInput, keyof typeof SHARP_METHODS>, RunOptions {
  /**
   * The matte to use in place of a predicted one: a path, a URL, bytes or a sharp instance, of the picture's aspect ratio and
   * any size. Its alpha counts or, if it is opaque, its gray levels (white: subject). `false` ignores a matte beside the
   * photograph and kept mattes.
   */
  matte?: CutoutInput | false
}

/** Parsed options, and how the run is stopped and followed. */
export interface SplitOptions {
  options: Options
  matte?: CutoutInput | false
  run: RunOptions
}

/**
 * Parses the options and splits them.
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
  const { signal, onProgress, matte, ...options } = given
  for (const [name, spelling] of Object.entries(SHARP_METHODS)) {
    if ((options as Record<string, unknown>)[name] == null) continue
    throw new NobgError(
      'INVALID_OPTION',
      `Expected an option of nobg for sharp, got ${name}. Use the method of sharp instead.`,
      {
        hint: `Write ${spelling}.`,
      },
    )
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
  if (matte && isStream(matte)) {
    throw new NobgError('INVALID_OPTION', 'matte: expected an image that can be read again, got a stream.', {
      hint: 'Give a path, a Buffer or a sharp instance.',
    })
  }
  return { options: parseOptions(options), matte: matte ?? undefined, run: { signal, onProgress } }
}

/** Checks properties, because jsdom and happy-dom have other classes. */
function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
}

function refuseInputOptions(given: object): void {
  const name = Object.keys(given).find(name => INPUT_OPTIONS.has(name))
  if (!name) return
  throw new NobgError(
    'INVALID_OPTION',
    `Expected an option of the removal, got ${name}: sharp reads the input and takes this option.`,
    {
      hint: `Write nobg(sharp(input, { ${name} })).`,
    },
  )
}

function describe(value: unknown): string {
  return typeof value === 'object' ? 'another object' : `a ${typeof value}`
}
