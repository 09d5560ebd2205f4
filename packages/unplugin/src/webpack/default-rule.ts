import type { Compiler, RuleSetRule } from 'webpack'

type Rules = Compiler['options']['module']['rules']
type Condition = RuleSetRule['test']

/** Formats that may have to be bundled: those of finished pictures, and, where nobg is off, those of photographs. */
const PICTURES = ['png', 'webp', 'avif']
const PHOTOGRAPHS = ['jpg', 'jpeg', 'gif', 'tif', 'tiff']

/** What else a rule may ask for: it holds for some requests of a file and not for others. */
const OTHER_CONDITIONS = [
  'issuer',
  'issuerLayer',
  'compiler',
  'dependency',
  'resourceQuery',
  'resourceFragment',
  'mimetype',
  'scheme',
  'with',
  'assert',
  'descriptionData',
] as const

/** Whether the user has a rule neither for the photograph nor for its picture. Both are absolute paths. */
export type IsWithoutRule = (photograph: string, picture: string) => boolean

/**
 * Adds a rule for the pictures that the user's rules say nothing about: emitted as files, as most rules have it. Without
 * any rule a compiler would read a picture as JavaScript, and say so in words that lead nowhere. It comes first, so that
 * what the user says of some requests, such as `resourceQuery: /inline/`, has the last word.
 *
 * @param isPicture whether a path stands for a finished picture.
 */
export function addDefaultRule(
  compiler: Compiler,
  isPicture: (path: string) => boolean,
  enabled: boolean,
): IsWithoutRule {
  const { rules } = compiler.options.module
  const extensions = enabled ? PICTURES : [...PICTURES, ...PHOTOGRAPHS]
  const rule: RuleSetRule = {
    test: new RegExp(`\\.(?:${extensions.join('|')})$`, 'i'),
    include: path => isPicture(path) && !isCovered(path),
    type: 'asset/resource',
  }
  const isCovered = (path: string) =>
    coversFile(
      rules.filter(other => other !== rule),
      path,
    )
  rules.unshift(rule)
  return (...files) => !files.some(isCovered)
}

/** Whether any of the rules, nested ones included, is for every request of such a file. */
function coversFile(rules: Rules | RuleSetRule['rules'], file: string): boolean {
  return (rules ?? []).some(rule => {
    if (typeof rule !== 'object' || rule === null) return false
    const { test, include, resource, exclude, rules: nested, oneOf } = rule
    if (exclude !== undefined && matches(exclude, file)) return false
    const own = [test, include, resource].filter(condition => condition !== undefined)
    if (!own.every(condition => matches(condition, file))) return false
    // Loaders without a type give JavaScript, as those of Next.js do; a type of ours would make a file of that.
    if (OTHER_CONDITIONS.some(name => name in rule)) return 'loader' in rule || 'use' in rule
    return own.length > 0 || coversFile(nested, file) || coversFile(oneOf, file)
  })
}

function matches(condition: Condition, file: string): boolean {
  if (condition instanceof RegExp) return condition.test(file)
  if (typeof condition === 'string') return file.startsWith(condition)
  if (typeof condition === 'function') return Boolean(condition(file))
  if (Array.isArray(condition)) return condition.some(one => matches(one, file))
  if (!condition) return false
  const { and, or, not } = condition
  if (and && !and.every(one => matches(one, file))) return false
  if (or && !or.some(one => matches(one, file))) return false
  return !not || !matches(not, file)
}
