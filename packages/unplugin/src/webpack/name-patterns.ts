import type { Compiler, RuleSetRule } from 'webpack'
import { hasHash, type NamePattern } from '../core/name-pattern.ts'
import { appliesToFile } from './default-rule.ts'

type Rules = Compiler['options']['module']['rules'] | RuleSetRule['rules']
type Use = RuleSetRule['use']

/** The option by which file-loader, url-loader and responsive-loader name files, as text. */
const INLINE_NAME = /(?:^|[?&,{])"?(?:name|filename)"?[=:]"?([^"&!]*)/g

/**
 * Whether all patterns that may name a picture's file have a hash. If not, two pictures of one photograph would get the same
 * name, which is an error in webpack.
 *
 * @param picture absolute path that decides which rules apply.
 * @param loaders the inline loaders of the request.
 */
export function areNamesHashed({ options }: Compiler, picture: string, loaders: string): boolean {
  const { output, module } = options
  const generators = module.generator as Record<string, { filename?: NamePattern } | undefined>
  const patterns = [
    output.assetModuleFilename,
    generators.asset?.filename,
    generators['asset/resource']?.filename,
    ...listPatterns(module.rules, picture),
    ...readInlineNames(loaders),
  ]
  return patterns.every(pattern => pattern === undefined || hasHash(pattern as NamePattern))
}

function listPatterns(rules: Rules, picture: string): unknown[] {
  return (rules ?? []).flatMap(rule => {
    if (typeof rule !== 'object' || rule === null || !appliesToFile(rule, picture)) return []
    const { generator, loader, options, use, rules: nested, oneOf } = rule
    return [
      generator?.filename,
      ...(loader ? readNames(options) : []),
      ...listUses(use),
      ...listPatterns(nested, picture),
      ...listPatterns(oneOf, picture),
    ]
  })
}

function listUses(use: Use): unknown[] {
  if (Array.isArray(use)) return use.flatMap(one => listUses(one as Use))
  if (typeof use === 'string') return readInlineNames(use)
  return typeof use === 'object' && use !== null ? readNames(use.options) : []
}

/** The names in a loader's options. */
function readNames(options: RuleSetRule['options']): unknown[] {
  if (typeof options === 'string') return readInlineNames(options)
  return [options?.name, options?.filename]
}

function readInlineNames(text: string): string[] {
  return [...text.matchAll(INLINE_NAME)].map(([, name]) => name)
}
