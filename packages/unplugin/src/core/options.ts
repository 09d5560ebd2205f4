import { type Config, NobgError, type OptionsInput } from '@nobg/core'
import { configSchema, findSuggestion, showValue } from '@nobg/core/internal'
import { checkOptions, type HostFields } from './check-options.ts'
import type { CutoutReport, Options } from './option-types.ts'

export type { CutoutReport, Options } from './option-types.ts'

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
      `Expected nobg, nobg=true, nobg=<preset> or nobg=<model>, got 'nobg=${preset}'.`,
      { hint: 'Remove the word nobg to import the photograph unchanged.' },
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
