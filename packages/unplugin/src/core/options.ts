import { type Config, NobgError, type OptionsInput, type RunInfo } from '@nobg/core'
import { findSuggestion, showValue } from '@nobg/core/internal'
import { checkOptions } from './check-options.ts'

/** The report on one finished picture. */
export interface CutoutReport extends RunInfo {
  /** Absolute path of the photograph. */
  source: string
  /** Absolute path of the finished picture. */
  file: string
  /** `mask` if `outputMask` is set. */
  kind: 'cutout' | 'mask'
  /** px */
  width: number
  /** px */
  height: number
  /** Id of the model that ran, after substitution. */
  model: string
  /** Whether the picture is a draft: a stand-in until the weights of the requested model are there. */
  draft: boolean
}

/** The options of a plugin: core's Config, and options of the bundling. */
export interface Options extends Config {
  /** Named sets of options. `{ hero: { model: 'portrait', crop: true } }` is used by `?nobg=hero` or `a.nobg-hero.jpg`. */
  presets?: Record<string, OptionsInput>
  /**
   * The response of Vite's development server while an image is not ready: with `original`, three requests of a browser wait
   * for at most 20 s, and others get the photograph, which the cutout replaces when it is done; with `wait`, all requests
   * wait for the cutout. Default: `original`.
   */
  dev?: 'original' | 'wait'
  /**
   * Whether Vite's development server shows cutouts of the embedded model u2netp while the weights of another model are
   * missing or being downloaded. Default: `true`.
   */
  draft?: boolean
  /** How a build reports a marked reference that no hook could process and that would ship the original. Default: `error`. */
  unprocessed?: 'error' | 'warn' | 'ignore'
  /** Called once per build for each finished picture, computed or found in the cache. */
  onCutout?: (report: CutoutReport) => void
  /**
   * `false` serves the originals and loads no model. The environment variable `NOBG=off` has the same effect. In Vitest the
   * default is `false`, otherwise `true`.
   */
  enabled?: boolean
  /** How long a request waits in development, in ms. Only for tests. @internal */
  devWaitMs?: number
}

/** How long a request waits in development. Vite itself stops waiting for a module after 60 s. */
const DEV_WAIT_MS = 20_000

/** The plugin's own options with their defaults, and core's Config as one object. */
export interface ResolvedOptions {
  config: Config
  presets: Record<string, OptionsInput>
  dev: 'original' | 'wait'
  draft: boolean
  unprocessed: 'error' | 'warn' | 'ignore'
  enabled: boolean
  onCutout: (report: CutoutReport) => void
  devWaitMs: number
}

/**
 * Sets the defaults and separates core's Config, which core checks.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function resolveOptions(options: Options = {}, env: NodeJS.ProcessEnv = process.env): ResolvedOptions {
  checkOptions(options)
  const {
    presets = {},
    dev = 'original',
    draft = true,
    unprocessed = 'error',
    enabled,
    onCutout = () => {},
    devWaitMs = DEV_WAIT_MS,
    ...config
  } = options
  return { config, presets, dev, draft, unprocessed, onCutout, devWaitMs, enabled: isEnabled(enabled, env) }
}

/** `NOBG=off` overrides the option. The option overrides the default in Vitest. */
function isEnabled(enabled: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  if (/^(?:off|false|0|no)$/i.test(env.NOBG ?? '')) return false
  return enabled ?? !env.VITEST
}

/** Values of the marker that are no names. Vite's `import.meta.glob` writes `query: { nobg: true }` as `nobg=true`. */
const MARKER_ON = ['true', '1']
const MARKER_OFF = ['false', '0']

/**
 * Merges the options of one import: its own words override its preset. A name that is no preset is the name of a model.
 * `true` and `1` mean the bare marker.
 *
 * @throws {NobgError} INVALID_OPTION for `nobg=false` and `nobg=0`.
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
      { hint: 'Remove the word nobg to import the original photograph.' },
    )
  }
  return { model: preset, ...words }
}

/** The error of an unknown model. If the name may be meant as a preset, the error lists the presets too. */
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
