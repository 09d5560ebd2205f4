import { spellOption } from '@nobg/core/internal'
import { identifySetup } from '../core/cache-identity.ts'
import type { Options, ResolvedOptions } from '../core/options.ts'
import { IMAGE_EXTENSIONS } from '../references/reference.ts'
import type { LoaderOptions } from './loader-options.ts'

/** A condition of Turbopack's rules. */
type Condition = { query: RegExp } | { all: Condition[] } | { any: Condition[] } | { not: Condition }

/** A rule of Turbopack. */
export interface TurbopackRule {
  condition: Condition
  loaders: { loader: string; options: LoaderOptions }[]
  as: string
}

const LOADER = 'unplugin-nobg/loader'

/** Turbopack's globs are case-sensitive and have no flag for that: `*.{[jJ][pP][gG],…}`. */
const PHOTOGRAPHS = `*.{${IMAGE_EXTENSIONS.map(name =>
  name.replace(/[a-z]/g, letter => `[${letter}${letter.toUpperCase()}]`),
)}}`

const MARKED: Condition = { query: /[?&]nobg(?:[=&?#]|$)/ }

/**
 * Creates Turbopack's rules: one rule for each format of the finished picture, because `as` sets the type of the file.
 * Without a rule, Turbopack ignores the query and imports the photograph.
 */
export function createRules(options: Options, resolved: ResolvedOptions): Record<string, TurbopackRule[]> {
  // Turbopack's cache on disk keeps the result of a loader as long as the loader's options are the same.
  const shared = { ...toJson(options), identity: identifySetup(resolved) }
  const others = (['webp', 'avif'] as const).map(format => ({
    format,
    condition: conditionOf(format, resolved),
  }))
  const png: Condition = { not: { any: others.map(({ condition }) => condition) } }
  const rules = [{ format: 'png' as const, condition: png }, ...others].map(({ format, condition }) => ({
    condition: { all: [MARKED, condition] },
    loaders: [{ loader: LOADER, options: { ...shared, format } }],
    as: `*.${format}`,
  }))
  return { [PHOTOGRAPHS]: rules }
}

/** Matches the queries for a format: by the option's own word, or, without that word, by a preset. */
function conditionOf(format: 'webp' | 'avif', { presets }: ResolvedOptions): Condition {
  const isSame = (value: unknown) => typeof value === 'string' && value.toLowerCase() === format
  const names = Object.keys(presets).filter(name => isSame(presets[name].outputFormat))
  const spellings = (['camel', 'kebab', 'snake'] as const).map(casing => spellOption('outputFormat', casing))
  const word = `[?&](?:${spellings.map(encodings).join('|')})`
  const value = [...format].map(letter => `(?:${encodings(letter)}|${encodings(letter.toUpperCase())})`)
  const own: Condition = { query: new RegExp(`${word}=${value.join('')}(?:[&?#]|$)`) }
  if (names.length === 0) return own
  const preset = new RegExp(`[?&]nobg=(?:${names.map(encodings).join('|')})(?:[&?#]|$)`)
  return { any: [own, { all: [{ query: preset }, { not: { query: new RegExp(`${word}(?:[=&?#]|$)`) } }] }] }
}

/** A regular expression for a word of a query. Each letter may be percent-encoded. */
function encodings(word: string): string {
  return [...word]
    .map(letter => {
      const bytes = [...Buffer.from(letter)].map(byte => byte.toString(16).padStart(2, '0'))
      const hex = bytes.join('%').replace(/[a-f]/g, digit => `[${digit}${digit.toUpperCase()}]`)
      return `(?:${letter.replace(/[^\w\s-]/g, '\\$&')}|%${hex})`
    })
    .join('')
}

/** Turbopack passes options to its workers as JSON, which cannot represent functions and stores. */
function toJson({
  store: _,
  logger: __,
  onCutout: ___,
  warnAboveBytes: ____,
  ...options
}: Options): LoaderOptions {
  return JSON.parse(JSON.stringify(options))
}
