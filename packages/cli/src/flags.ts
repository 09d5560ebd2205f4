import { NobgError, type Options, type OptionsInput } from '@nobg/core'
import { optionNames, optionsSchema, parseFlags, spellOption } from '@nobg/core/internal'
import { type Command, Option } from 'commander'

type OptionName = keyof Options

/** How an option is spelled beyond its long flag, and what its value is called in help; nothing here is needed. */
const spellings: Partial<Record<OptionName, { short?: string; long?: string; value?: string }>> = {
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

/** `none` for a switch; `optional` where the bare flag means yes and a value may say more. */
function valueNeed(name: OptionName): 'none' | 'optional' | 'needed' {
  if (shapeOf(name).type === 'boolean') return 'none'
  return accepts(name, '') ? 'optional' : 'needed'
}

function accepts(name: OptionName, value: string): boolean {
  return optionsSchema.shape[name].safeParse(value).success
}

/** Every spelling of an option's flag with its value: `-f, --format, --output-format <format>`. */
export function spellFlag(name: OptionName): string {
  const { short, long, value = 'value' } = spellings[name] ?? {}
  const words = [short, long, `--${spellOption(name, 'kebab')}`].filter(Boolean).join(', ')
  return words + { none: '', optional: ` [${value}]`, needed: ` <${value}>` }[valueNeed(name)]
}

/** Gives a command one flag per option of core's schema, but for those left out. */
export function addOptionFlags(command: Command, leftOut: readonly OptionName[] = []): void {
  command.optionsGroup('What the cut-out is:')
  for (const name of optionNames.filter(name => !leftOut.includes(name))) {
    for (const flag of createFlags(name)) command.addOption(flag)
  }
}

function createFlags(name: OptionName): Option[] {
  const { short, long } = spellings[name] ?? {}
  const { description } = shapeOf(name)
  const [kebab, display] = [spellOption(name, 'kebab'), spellFlag(name)]
  const value = display.split(' ').at(-1)?.replace(/^--.*/, '') ?? ''
  const flag = new Option(`${short ? `${short}, ` : ''}--${kebab} ${value}`, description)
  flag.flags = display
  const flags = [flag]
  if (long) flags.push(nameAfter(flag, new Option(`${long} ${value}`).hideHelp()))
  // A bare flag cannot say no to what is on unless told.
  if (accepts(name, 'false') && valueNeed(name) !== 'needed' && optionsSchema.shape[name].parse(undefined)) {
    flags.push(new Option(`--no-${kebab}`, `The same as --${kebab}=false.`))
  }
  return flags
}

/** Makes another spelling set the same value. */
function nameAfter(flag: Option, alias: Option): Option {
  alias.attributeName = () => flag.attributeName()
  return alias
}

/**
 * Writes `--crop photo.jpg` as `--crop=true photo.jpg`, where commander would take any next word for the margin:
 * only what the option understands is its value.
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
 * The options that were given on the command line, as typed and still to be parsed by core.
 *
 * @throws {NobgError} INVALID_OPTION, in the command line's spelling
 */
export function readOptions(command: Command): { given: OptionsInput; parsed: Options } {
  const values = command.opts()
  const typed = optionNames.filter(name => command.getOptionValueSource(name) === 'cli')
  const flags = Object.fromEntries(typed.map(name => [spellOption(name, 'kebab'), values[name]]))
  return { given: Object.fromEntries(typed.map(name => [name, values[name]])), parsed: parseTyped(flags) }
}

function parseTyped(flags: Record<string, unknown>): Options {
  try {
    return parseFlags(flags)
  } catch (error) {
    const { code, message, hint } = error as NobgError
    throw new NobgError(code, `--${message}`, { hint, cause: error })
  }
}
