import type { Compiler } from 'webpack'
import { identifySetup } from '../core/cache-identity.ts'
import type { ResolvedOptions } from '../core/options.ts'

/** The options of a cache on disk that webpack and Rspack share. */
interface DiskCache {
  type?: string
  version?: string
}

/**
 * Adds nobg's setup to the version of the compiler's cache on disk. Both compilers restore modules of the same version
 * without `beforeResolve`, and their version does not depend on the configuration file or the environment.
 */
export function versionCache(compiler: Compiler, options: ResolvedOptions): void {
  const identity = identifySetup(options)
  // Runs after all plugins, which may set the cache, and before the compiler opens the cache.
  compiler.hooks.afterEnvironment.tap({ name: 'nobg', stage: Number.MAX_SAFE_INTEGER }, () => {
    // In Rspack 1, the cache on disk is an experiment.
    for (const holder of [compiler.options, compiler.options.experiments] as {
      cache?: DiskCache | boolean
    }[]) {
      const { cache } = holder
      if (typeof cache !== 'object' || !['filesystem', 'persistent'].includes(cache.type ?? '')) continue
      holder.cache = { ...cache, version: `${cache.version ?? ''}|nobg ${identity}` }
    }
  })
}
