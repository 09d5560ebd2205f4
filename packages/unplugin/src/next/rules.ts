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

/** Turbopack tells capitals apart and knows no flag for it: `*.{[jJ][pP][gG],…}`. */
const PHOTOGRAPHS = `*.{${IMAGE_EXTENSIONS.map(name =>
  name.replace(/[a-z]/g, letter => `[${letter}${letter.toUpperCase()}]`),
)}}`

const MARKED: Condition = { query: /[?&]nobg(?:[=&?#]|$)/ }

/**
 * Turbopack's rules: one for each format of the finished picture, because `as` gives the file its type. Without any, a
 * query means nothing to Turbopack, and the photograph is what is imported.
 */
export function createRules(options: Options, resolved: ResolvedOptions): Record<string, TurbopackRule[]> {
  // The identity is for Turbopack alone: its cache on disk keeps what a loader gave, as long as the options are the same.
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

/** The queries that ask for a format: by the option's own word, or, without that word, by a preset which sets it. */
function conditionOf(format: 'webp' | 'avif', { presets }: ResolvedOptions): Condition {
  const isSame = (value: unknown) => typeof value === 'string' && value.toLowerCase() === format
  const names = Object.keys(presets).filter(name => isSame(presets[name].outputFormat))
  const word = `[?&]${encodings('outputFormat')}`
  const value = [...format].map(letter => `(?:${encodings(letter)}|${encodings(letter.toUpperCase())})`)
  const own: Condition = { query: new RegExp(`${word}=${value.join('')}(?:[&?#]|$)`) }
  if (names.length === 0) return own
  const preset = new RegExp(`[?&]nobg=(?:${names.map(encodings).join('|')})(?:[&?#]|$)`)
  return { any: [own, { all: [{ query: preset }, { not: { query: new RegExp(`${word}(?:[=&?#]|$)`) } }] }] }
}

/** A regular expression for a word of a query, each letter of which may be percent-encoded. */
function encodings(word: string): string {
  return [...word]
    .map(letter => {
      const bytes = [...Buffer.from(letter)].map(byte => byte.toString(16).padStart(2, '0'))
      const hex = bytes.join('%').replace(/[a-f]/g, digit => `[${digit}${digit.toUpperCase()}]`)
      return `(?:${letter.replace(/[^\w\s-]/g, '\\$&')}|%${hex})`
    })
    .join('')
}

/** Turbopack hands options to its workers as JSON: functions and stores stay behind. */
function toJson({ store: _, logger: __, onCutout: ___, ...options }: Options): LoaderOptions {
  return JSON.parse(JSON.stringify(options))
}
