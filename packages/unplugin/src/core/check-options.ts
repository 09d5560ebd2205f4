import { NobgError, parseOptions } from '@nobg/core'
import { configSchema, field, isObject, oneOf, parseFields, showValue, z } from '@nobg/core/internal'
import type { Options } from './option-types.ts'

/** The plugin's own options, and core's config. The description of a field says what the field must be. */
const schema = configSchema.extend({
  presets: field(z.custom<NonNullable<Options['presets']>>(isObject), 'an object of options by name'),
  dev: oneOf('original', 'wait'),
  draft: field(z.boolean(), 'true or false'),
  unprocessed: oneOf('error', 'warn', 'ignore'),
  onCutout: field(
    z.custom<NonNullable<Options['onCutout']>>(value => typeof value === 'function'),
    'a function',
  ),
  warnAboveBytes: field(z.number().nonnegative(), 'a number of bytes'),
  encodesAgain: field(z.boolean(), 'true or false'),
  enabled: field(z.boolean(), 'true or false'),
  dts: field(
    z.union([z.boolean(), z.string().regex(/\.d\.[cm]?ts$/)]),
    'true, false, or the path of a .d.ts file',
  ),
} satisfies Record<Exclude<keyof Options, keyof typeof configSchema.shape>, z.ZodType>)

/** Options that only one host has. */
export type HostFields = Record<string, z.ZodType>

/**
 * Checks the options and all presets, so that a mistake is reported when the server or the build starts.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function checkOptions(input: unknown, hostFields: HostFields = {}): Options {
  const options = parseFields(schema.extend(hostFields), input, {
    label: name => name,
    noun: 'option',
    plural: 'options',
  }) as Options
  for (const [name, preset] of Object.entries(options.presets ?? {})) checkPreset(name, preset)
  return options
}

function checkPreset(name: string, preset: unknown): void {
  if (!isObject(preset)) {
    throw new NobgError(
      'INVALID_OPTION',
      `Preset '${name}': expected an object of options, got ${showValue(preset)}.`,
      { hint: `Write an object of options: ${name}: { crop: true }.` },
    )
  }
  try {
    parseOptions(preset)
  } catch (error) {
    if (!(error instanceof NobgError)) throw error
    throw new NobgError(error.code, `Preset '${name}': ${error.message}`, { hint: error.hint })
  }
}
