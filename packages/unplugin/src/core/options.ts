import { type Config, NobgError, type OptionsInput, type RunInfo } from '@nobg/core'
import { configSchema, findSuggestion, showValue } from '@nobg/core/internal'
import { checkOptions, type HostFields } from './check-options.ts'

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
  /** A build warns about each shipped picture that is larger, in bytes. `Infinity` never warns. Default: 1,000,000. */
  warnAboveBytes?: number
  /**
   * `false` serves the originals and loads no model. The environment variable `NOBG=off` has the same effect. In Vitest the
   * default is `false`, otherwise `true`.
   */
  enabled?: boolean
  /**
   * Whether the plugin writes a declaration file of the marked imports in the project's sources, or the path of that file.
   * Default: `true` if the project has a `tsconfig.json`, nobg is on, and Vitest does not run. The default file is `nobg-env.d.ts` in the project's
   * folder, or in `src` if the tsconfig includes only that folder.
   */
  dts?: boolean | string
  /** Whether the host encodes imported pictures again, so that they stay lossless. Set by integrations. @internal */
  encodesAgain?: boolean
}

/** The default of `warnAboveBytes`. */
const WARN_ABOVE_BYTES = 1_000_000

/** The plugin's own options with their defaults, and core's Config as one object. */
export interface ResolvedOptions {
  config: Config
  presets: Record<string, OptionsInput>
  dev: 'original' | 'wait'
  draft: boolean
  unprocessed: 'error' | 'warn' | 'ignore'
  enabled: boolean
  /** Undefined: whether the project has a tsconfig. */
  dts: boolean | string | undefined
  onCutout: (report: CutoutReport) => void
  warnAboveBytes: number
  encodesAgain: boolean
}

/**
 * Checks the options, sets their defaults and separates core's Config.
 *
 * @param hostFields options that only this host has. The host reads them itself.
 * @throws {NobgError} INVALID_OPTION
 */
export function resolveOptions(
  input: Options = {},
  env: NodeJS.ProcessEnv = process.env,
  hostFields?: HostFields,
): ResolvedOptions {
  const options = checkOptions(input, hostFields)
  const {
    presets = {},
    dev = 'original',
    draft = true,
    unprocessed = 'error',
    enabled: given,
    dts: types,
    onCutout = () => {},
    warnAboveBytes = WARN_ABOVE_BYTES,
    encodesAgain = false,
  } = options
  const config: Config = Object.fromEntries(
    Object.entries(options).filter(([name]) => Object.hasOwn(configSchema.shape, name)),
  )
  const enabled = isEnabled(given, env)
  // Tests write no files into a project.
  const dts = types ?? (enabled && !env.VITEST ? undefined : false)
  const own = { presets, dev, draft, unprocessed, onCutout, warnAboveBytes, encodesAgain }
  return { config, ...own, enabled, dts }
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
