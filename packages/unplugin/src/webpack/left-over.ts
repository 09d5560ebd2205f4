import type { Compilation, Compiler, Module, NormalModule, RuleSetRule } from 'webpack'
import type { Cutouts } from '../core/cutouts.ts'
import { reportLeftOverWords } from '../core/left-over-words.ts'
import { slash } from '../references/slash.ts'
import { matches } from './default-rule.ts'

/** Loaders that do not read the query of the file: nobg's own, and loaders that emit the file unchanged. */
const BLIND_LOADER =
  /[\\/]webpack[\\/]asset-loader\.[jt]s$|[\\/](?:next-image-loader|file-loader|url-loader)[\\/]/

/** Reports the words of the pictures' queries that neither a loader nor a rule has read. */
export function checkLeftOverWords(compiler: Compiler, compilation: Compilation, cutouts: Cutouts): void {
  const { WebpackError } = compiler.webpack
  compilation.hooks.finishModules.tap('nobg', modules => {
    for (const module of modules) {
      const { resource, loaders } = module as Module & Partial<NormalModule>
      const planned = resource?.includes('?') ? cutouts.find(slash(resource)) : undefined
      if (!planned || isQueryRead(compiler, loaders ?? [], planned.postfix)) continue
      try {
        const warn = (message: string) => void compilation.warnings.push(new WebpackError(message))
        reportLeftOverWords(planned, warn)
      } catch (error) {
        compilation.errors.push(new WebpackError((error as Error).message))
      }
    }
  })
}

/** Whether a loader may read the query of a picture, or a rule of the user depends on it. */
function isQueryRead(compiler: Compiler, loaders: NormalModule['loaders'], query: string): boolean {
  // In Rspack the path of a loader has its options as a query.
  if (loaders.some(({ loader }) => !BLIND_LOADER.test(loader.replace(/\?.*$/s, '')))) return true
  return dependsOnQuery(compiler.options.module.rules, query)
}

function dependsOnQuery(rules: readonly unknown[], query: string): boolean {
  return rules.some(rule => {
    if (typeof rule !== 'object' || rule === null) return false
    const { resourceQuery, oneOf, rules: nested } = rule as RuleSetRule
    // Next.js has rules for every query except its own: these hold without a query too.
    if (resourceQuery !== undefined && matches(resourceQuery, query) && !matches(resourceQuery, ''))
      return true
    return dependsOnQuery([...(oneOf || []), ...(nested || [])], query)
  })
}
