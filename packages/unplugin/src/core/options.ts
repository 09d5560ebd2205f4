import { type Config, NobgError, type OptionsInput, type RunInfo } from '@nobg/core'
import { findSuggestion, showValue } from '@nobg/core/internal'
import { checkOptions } from './check-options.ts'

/** What became of one picture. */
export interface CutoutReport extends RunInfo {
  /** Absolute path of the photograph. */
  source: string
  /** Absolute path of the finished picture. */
  file: string
  /** A mask where `outputMask` asks for one. */
  kind: 'cutout' | 'mask'
  /** px */
  width: number
  /** px */
  height: number
  /** Id of the model that was really used. */
  model: string
}

/** What a plugin takes: core's Config, and how a bundler should behave. */
export interface Options extends Config {
  /** Options under a name of your own: `{ hero: { model: 'portrait', crop: true } }` is written `?nobg=hero` or `a.nobg-hero.jpg`. */
  presets?: Record<string, OptionsInput>
  /**
   * In development, what an image that is not ready after 20 s does to the request that asks for it: `original` answers
   * with the photograph and replaces it when the cut-out is done, `wait` waits. Default: `original`.
   */
  dev?: 'original' | 'wait'
  /** What a marked reference does that no hook could process and that would ship as the original. Default: `error`. */
  unprocessed?: 'error' | 'warn' | 'ignore'
  /** Called once in a build for each finished picture, made or found in the cache. */
  onCutout?: (report: CutoutReport) => void
  /**
   * `false` serves the originals and never loads a model; so do the environment variable `NOBG=off`, and Vitest where
   * this is not `true`.
   */
  enabled?: boolean
  /** How long a request waits in development, in ms; for tests. @internal */
  devWaitMs?: number
}

/** How long a development server lets a request wait: well below the 60 s at which Vite gives a module up. */
const DEV_WAIT_MS = 20_000

/** The plugin's own options with every default filled in, and core's Config apart. */
export interface ResolvedOptions {
  config: Config
  presets: Record<string, OptionsInput>
  dev: 'original' | 'wait'
  unprocessed: 'error' | 'warn' | 'ignore'
  enabled: boolean
  onCutout: (report: CutoutReport) => void
  devWaitMs: number
}

/**
 * Fills in the defaults and takes core's Config apart, which core checks.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function resolveOptions(options: Options = {}, env: NodeJS.ProcessEnv = process.env): ResolvedOptions {
  checkOptions(options)
  const {
    presets = {},
    dev = 'original',
    unprocessed = 'error',
    enabled,
    onCutout = () => {},
    devWaitMs = DEV_WAIT_MS,
    ...config
  } = options
  return { config, presets, dev, unprocessed, onCutout, devWaitMs, enabled: isEnabled(enabled, env) }
}

/** NOBG=off is said for one run and wins over the file; Vitest is a habit that the file may overrule. */
function isEnabled(enabled: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  if (/^(?:off|false|0|no)$/i.test(env.NOBG ?? '')) return false
  return enabled ?? !env.VITEST
}

/** Values of the marker that name nothing. `import.meta.glob` of Vite writes `query: { nobg: true }` as `nobg=true`. */
const MARKER_ON = ['true', '1']
const MARKER_OFF = ['false', '0']

/**
 * Reads the options of one import: its preset's options, overruled by its own words. A name that is no preset is a
 * model's name, except `true` and `1`, which are the bare marker.
 *
 * @throws {NobgError} INVALID_OPTION for `nobg=false` and `nobg=0`: the marker cannot be switched off.
 */
export function applyPreset(
  preset: string | undefined,
  words: OptionsInput,
  presets: Record<string, OptionsInput>,
): OptionsInput {
  if (preset === undefined) return words
  if (Object.hasOwn(presets, preset)) return { ...presets[preset], ...words }
  if (MARKER_ON.includes(preset)) return words
  if (MARKER_OFF.includes(preset)) {
    throw new NobgError(
      'INVALID_OPTION',
      `Expected nobg, nobg=true, or nobg= and the name of a preset or of a model, got 'nobg=${preset}'.`,
      { hint: 'Leave the word nobg out to import the photograph as it is.' },
    )
  }
  return { model: preset, ...words }
}

/** The error of an import's model, which also names the presets where the name might have been meant for one. */
export function explainPreset(
  error: unknown,
  preset: string | undefined,
  words: OptionsInput,
  presets: Record<string, OptionsInput>,
): unknown {
  const isMeant = preset !== undefined && words.model === undefined && !Object.hasOwn(presets, preset)
  if (!isMeant || !(error instanceof NobgError) || error.code !== 'UNKNOWN_MODEL') return error
  const names = Object.keys(presets)
  const suggestion = findSuggestion(preset, names)
  const known = names.length > 0 ? `The presets are ${names.join(', ')}.` : 'No presets are defined.'
  return new NobgError(
    'UNKNOWN_MODEL',
    `Expected the name of a preset or of a model, got ${showValue(preset)}.`,
    {
      hint: [suggestion && `Did you mean '${suggestion}'?`, known, error.hint].filter(Boolean).join(' '),
    },
  )
}
