import type { Compiler } from 'webpack'
import { identifySetup } from '../core/cache-identity.ts'
import type { ResolvedOptions } from '../core/options.ts'

/** What webpack and Rspack have in common of a cache on disk. */
interface DiskCache {
  type?: string
  version?: string
}

/**
 * Adds nobg's setup to the version of the compiler's cache on disk. Both compilers restore modules of a known version
 * without `beforeResolve`, and neither takes the configuration file or the environment for a part of the version.
 */
export function versionCache(compiler: Compiler, options: ResolvedOptions): void {
  const identity = identifySetup(options)
  // After all plugins, which may still set the cache, and before the compiler opens it.
  compiler.hooks.afterEnvironment.tap({ name: 'nobg', stage: Number.MAX_SAFE_INTEGER }, () => {
    // Rspack 1 has its cache on disk among the experiments.
    for (const holder of [compiler.options, compiler.options.experiments] as {
      cache?: DiskCache | boolean
    }[]) {
      const { cache } = holder
      if (typeof cache !== 'object' || !['filesystem', 'persistent'].includes(cache.type ?? '')) continue
      holder.cache = { ...cache, version: `${cache.version ?? ''}|nobg ${identity}` }
    }
  })
}
