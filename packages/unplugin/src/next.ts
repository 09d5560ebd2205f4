import '@nobg/core/check-node'
import type { WebpackPluginInstance } from 'webpack'
import { forCommonJs } from './core/common-js.ts'
import { explainOptions } from './core/errors.ts'
import { type Options, type ResolvedOptions, resolveOptions } from './core/options.ts'
import { checkOutput } from './next/check-output.ts'
import { refusePublicFiles } from './next/refuse-public.ts'
import { createRules } from './next/rules.ts'
import { listTracedFiles } from './next/trace-files.ts'
import webpackNobg from './webpack.ts'

export type { CutoutReport, Options } from './core/options.ts'

/** What Next tells when all is compiled. */
interface Compiled {
  projectDir: string
  distDir: string
}

/** The part of Next's configuration that is added to. */
interface NextConfig {
  basePath?: string
  compiler?: { runAfterProductionCompile?: (compiled: Compiled) => Promise<void> }
  serverExternalPackages?: string[]
  outputFileTracingIncludes?: Record<string, string[]>
  webpack?: ((config: { plugins: WebpackPluginInstance[] }, context: never) => unknown) | null
  turbopack?: { rules?: Record<string, unknown> }
}

/** Packages that start workers from files of their own, or load native code and weights: no bundler can take them in. */
const SERVER_PACKAGES = [
  '@nobg/core',
  '@nobg/server',
  '@nobg/sharp',
  '@nobg/u2netp',
  'onnxruntime-node',
  'sharp',
]

const ALL_ROUTES = '/*'

/**
 * nobg for Next.js, in Turbopack and in webpack: `import cat from './cat.jpg?nobg'` is the `StaticImageData` of the
 * photograph without its background. `@nobg/core` works in route handlers and server actions.
 *
 * ```ts
 * const withNobg = nobg()
 * export default withNobg({ reactStrictMode: true })
 * ```
 *
 * @returns a function that adds nobg to a configuration, be it an object or a function.
 */
export default function nobg(options: Options = {}): <Config extends object>(config?: Config) => Config {
  const resolved = checkOptions(options)
  const rules = resolved.enabled ? createRules(options, resolved) : {}

  function extend<Config extends object>(config: Config = {} as Config): Config {
    if (typeof config === 'function') {
      const create = config as (...context: unknown[]) => object | Promise<object>
      return (async (...context: unknown[]) => extend(await create(...context))) as unknown as Config
    }
    const { webpack, turbopack, serverExternalPackages = [] } = config as NextConfig
    const extended: NextConfig = {
      ...config,
      ...addGuard(config, resolved),
      serverExternalPackages: [...new Set([...serverExternalPackages, ...SERVER_PACKAGES])],
      ...traceFiles(config),
      webpack(webpackConfig, context) {
        webpackConfig.plugins.push(webpackNobg(options))
        return webpack ? webpack(webpackConfig, context) : webpackConfig
      },
      turbopack: { ...turbopack, rules: { ...turbopack?.rules, ...rules } },
    }
    return extended as Config
  }
  return extend
}

const commonJs = forCommonJs(nobg)

export { commonJs as 'module.exports' }

/** @throws {Error} naming the option that is wrong */
function checkOptions(options: Options): ResolvedOptions {
  try {
    return resolveOptions(options)
  } catch (error) {
    throw explainOptions(error)
  }
}

/** Files of nobg's own that every route may need: Next does not say which of them does. */
function traceFiles({ outputFileTracingIncludes: own = {} }: NextConfig): NextConfig {
  const files = listTracedFiles(process.cwd())
  if (files.length === 0) return {}
  return { outputFileTracingIncludes: { ...own, [ALL_ROUTES]: [...(own[ALL_ROUTES] ?? []), ...files] } }
}

/** Strings that name a file of the public folder: refused when they are asked for, and looked for in what is compiled. */
function addGuard(
  { basePath = '', compiler }: NextConfig,
  { enabled, unprocessed }: ResolvedOptions,
): Pick<NextConfig, 'compiler'> {
  if (!enabled || unprocessed === 'ignore') return {}
  const isError = unprocessed === 'error'
  refusePublicFiles({ projectDir: process.cwd(), basePath, isError })
  return {
    compiler: {
      ...compiler,
      async runAfterProductionCompile(compiled) {
        await compiler?.runAfterProductionCompile?.(compiled)
        await checkOutput(compiled.projectDir, compiled.distDir, basePath).catch(error => {
          if (isError) throw error
          console.warn(error.message)
        })
      },
    },
  }
}
