import { NobgError, type Options, type OptionsInput } from '@nobg/core'
import { optionNames, optionsSchema, parseFlags, spellOption } from '@nobg/core/internal'
import { type Command, Option } from 'commander'

type OptionName = keyof Options

/** Additional flags of an option, and the name of its value in help. */
const SPELLINGS: Partial<Record<OptionName, { short?: string; long?: string; value?: string }>> = {
  model: { short: '-m', value: 'id' },
  operatingResolution: { value: 'px' },
  outputFormat: { short: '-f', long: '--format', value: 'format' },
  outputQuality: { value: '1-100' },
  outputMask: { long: '--mask' },
  matteUpsampling: { value: 'method' },
  refineForeground: { value: 'method' },
  backgroundColor: { long: '--background', value: 'color' },
  crop: { value: 'margin' },
  threshold: { value: 'alpha' },
}

interface OptionShape {
  type?: string
  default?: unknown
  description?: string
}

const { properties = {} } = optionsSchema.toJSONSchema({ io: 'output', unrepresentable: 'any' })
const shapeOf = (name: OptionName) => properties[name] as OptionShape

/** `none` for a switch; `optional` if the flag works with and without a value. */
function valueNeed(name: OptionName): 'none' | 'optional' | 'needed' {
  if (shapeOf(name).type === 'boolean') return 'none'
  return accepts(name, '') ? 'optional' : 'needed'
}

function accepts(name: OptionName, value: string): boolean {
  return optionsSchema.shape[name].safeParse(value).success
}

/** Every spelling of an option's flag with its value: `-f, --format, --output-format <format>`. */
export function spellFlag(name: OptionName): string {
  const { short, long, value = 'value' } = SPELLINGS[name] ?? {}
  const words = [short, long, `--${spellOption(name, 'kebab')}`].filter(Boolean).join(', ')
  return words + { none: '', optional: ` [${value}]`, needed: ` <${value}>` }[valueNeed(name)]
}

/** Adds one flag per option of core's schema to a command. @param texts descriptions that differ for this command */
export function addOptionFlags(
  command: Command,
  leftOut: readonly OptionName[] = [],
  texts: Partial<Record<OptionName, string>> = {},
): void {
  command.optionsGroup('Options of the cutout:')
  for (const name of optionNames.filter(name => !leftOut.includes(name))) {
    for (const flag of createFlags(name, texts[name])) command.addOption(flag)
  }
}

function createFlags(name: OptionName, text: string | undefined): Option[] {
  const { short, long } = SPELLINGS[name] ?? {}
  const description = text ?? shapeOf(name).description
  const [kebab, display] = [spellOption(name, 'kebab'), spellFlag(name)]
  const value = display.split(' ').at(-1)?.replace(/^--.*/, '') ?? ''
  const flag = new Option(`${short ? `${short}, ` : ''}--${kebab} ${value}`, description)
  flag.flags = display
  const flags = [flag]
  if (long) flags.push(nameAfter(flag, new Option(`${long} ${value}`).hideHelp()))
  // An option that is on by default needs a flag that turns it off.
  if (accepts(name, 'false') && valueNeed(name) !== 'needed' && optionsSchema.shape[name].parse(undefined)) {
    flags.push(new Option(`--no-${kebab}`, `The same as --${kebab}=false.`))
  }
  return flags
}

/** Makes an alias set the value of a flag. */
function nameAfter(flag: Option, alias: Option): Option {
  alias.attributeName = () => flag.attributeName()
  return alias
}

/**
 * Writes `--crop photo.jpg` as `--crop=true photo.jpg`. commander would take the next word as the margin; here the next word
 * is the value only if the option accepts it.
 */
export function separateBareFlags(words: readonly string[]): string[] {
  const bare = new Map<string, OptionName>(
    optionNames
      .filter(name => valueNeed(name) === 'optional')
      .map(name => [`--${spellOption(name, 'kebab')}`, name] as const),
  )
  const end = words.includes('--') ? words.indexOf('--') : words.length
  return words.map((word, index) => {
    const name = index < end ? bare.get(word) : undefined
    const next = words[index + 1]
    return name && (next === undefined || !accepts(name, next)) ? `${word}=true` : word
  })
}

/**
 * The parsed options of a command line.
 *
 * @param defaults options for flags that are not given.
 * @throws {NobgError} INVALID_OPTION, with the name of the flag
 */
export function readOptions(command: Command, defaults: OptionsInput = {}): Options {
  const values: OptionsInput = command.opts()
  const typed = optionNames.filter(name => command.getOptionValueSource(name) === 'cli')
  const given = { ...defaults, ...Object.fromEntries(typed.map(name => [name, values[name]])) }
  const flags = Object.entries(given).map(([name, value]) => [spellOption(name, 'kebab'), value])
  try {
    return parseFlags(Object.fromEntries(flags))
  } catch (error) {
    const { code, message, hint } = error as NobgError
    throw new NobgError(code, `--${message}`, { hint, cause: error })
  }
}
