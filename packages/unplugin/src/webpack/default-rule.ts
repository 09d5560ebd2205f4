import type { Compiler, RuleSetRule } from 'webpack'

type Rules = Compiler['options']['module']['rules']
type Condition = RuleSetRule['test']

/** Extensions of the bundled files: of finished pictures and, if nobg is off, of photographs. */
const PICTURES = ['png', 'webp', 'avif']
const PHOTOGRAPHS = ['jpg', 'jpeg', 'gif', 'tif', 'tiff']

/** Other conditions of a rule, which may hold only for some requests of a file. */
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

/** Whether the user has no rule for the photograph and no rule for its picture. Both are absolute paths. */
export type IsWithoutRule = (photograph: string, picture: string) => boolean

/**
 * Adds a rule that emits pictures as files if no rule of the user covers them. Without a rule, a compiler would parse a
 * picture as JavaScript, and the error would not help. The rule is the first, so that the user's rules for some requests,
 * such as `resourceQuery: /inline/`, override it.
 *
 * @param isPicture whether a path is that of a finished picture.
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

/** Whether one of the rules, including nested rules, applies to every request of a file. */
function coversFile(rules: Rules | RuleSetRule['rules'], file: string): boolean {
  return (rules ?? []).some(rule => {
    if (typeof rule !== 'object' || rule === null) return false
    if (!appliesToFile(rule, file)) return false
    const { test, include, resource, rules: nested, oneOf } = rule
    const own = [test, include, resource].filter(condition => condition !== undefined)
    // Loaders without a type return JavaScript, as in Next.js. The default rule would emit that JavaScript as a file.
    if (OTHER_CONDITIONS.some(name => name in rule)) return 'loader' in rule || 'use' in rule
    return own.length > 0 || coversFile(nested, file) || coversFile(oneOf, file)
  })
}

/** Whether a rule's conditions on the path hold for a file. Other conditions are not checked. */
export function appliesToFile({ test, include, resource, exclude }: RuleSetRule, file: string): boolean {
  if (exclude !== undefined && matches(exclude, file)) return false
  return [test, include, resource].every(condition => condition === undefined || matches(condition, file))
}

/** Whether a condition of a rule holds for a text. */
export function matches(condition: Condition, file: string): boolean {
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
