import '@nobg/core/check-node'
import type { WebpackPluginInstance } from 'webpack'
import { forCommonJs } from './core/common-js.ts'
import { explainOptions } from './core/errors.ts'
import { type Options, type ResolvedOptions, resolveOptions } from './core/options.ts'
import { isGuarded, reportUnprocessed } from './core/report-unprocessed.ts'
import { blockPublicFiles } from './next/block-public-files.ts'
import { findInOutput } from './next/find-in-output.ts'
import { createRules } from './next/rules.ts'
import { listTracedFiles } from './next/trace-files.ts'
import { findProject } from './types/find-project.ts'
import { keepDeclarations } from './types/keep-declarations.ts'
import webpackNobg from './webpack.ts'

export type { CutoutReport, Options } from './core/options.ts'

/** What Next passes to `runAfterProductionCompile`. */
interface Compiled {
  projectDir: string
  distDir: string
}

/** The part of Next's configuration that nobg extends. */
interface NextConfig {
  basePath?: string
  compiler?: { runAfterProductionCompile?: (compiled: Compiled) => Promise<void> }
  serverExternalPackages?: string[]
  outputFileTracingIncludes?: Record<string, string[]>
  webpack?: ((config: { plugins: WebpackPluginInstance[] }, context: never) => unknown) | null
  turbopack?: { rules?: Record<string, unknown> }
}

/** Packages that no bundler can bundle: they start workers from files, or load native code and weights. */
const SERVER_PACKAGES = [
  '@nobg/core',
  '@nobg/server',
  '@nobg/sharp',
  '@nobg/u2netp',
  'onnxruntime-node',
  'sharp',
]

const ALL_ROUTES = '/*'

const HINT = `nobg processes imports and the url() of style sheets. Next serves the files of public/ unchanged:
move the image next to your sources, import it (import ada from './ada.jpg?nobg'), and use ada.src or <Image src={ada}>.`

/**
 * nobg for Next.js, in Turbopack and in webpack: `import cat from './cat.jpg?nobg'` is the `StaticImageData` of the
 * photograph without its background. `@nobg/core` works in route handlers and server actions.
 *
 * ```ts
 * const withNobg = nobg()
 * export default withNobg({ reactStrictMode: true })
 * ```
 *
 * @returns a function that adds nobg to a configuration, which may be an object or a function.
 * @throws {Error} for a wrong option, with the reason and a hint
 */
export default function nobg(options: Options = {}): <Config extends object>(config?: Config) => Config {
  const resolved = checkOptions(options)
  const rules = resolved.enabled ? createRules(options, resolved) : {}
  declareImports(resolved)

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
        webpackConfig.plugins.push(webpackNobg({ ...options, encodesAgain: true }))
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

/** @throws {Error} the message names the wrong option. */
function checkOptions(options: Options): ResolvedOptions {
  try {
    return resolveOptions(options)
  } catch (error) {
    throw explainOptions(error)
  }
}

/**
 * Declares the imports of the project in the working directory. Turbopack's loader does so too, but only for new pictures.
 * Other tools also load a configuration, from other folders.
 */
function declareImports({ dts }: ResolvedOptions): void {
  const root = process.cwd()
  if (findProject(root).host.name === 'next') keepDeclarations(dts, root, console)
}

/** Traces nobg's files for all routes, because Next does not say which routes need them. */
function traceFiles({ outputFileTracingIncludes: own = {} }: NextConfig): NextConfig {
  const files = listTracedFiles(process.cwd())
  if (files.length === 0) return {}
  return { outputFileTracingIncludes: { ...own, [ALL_ROUTES]: [...(own[ALL_ROUTES] ?? []), ...files] } }
}

/** Blocks marked URLs of the public folder when a server runs, and checks the output of a build for them. */
function addGuard(
  { basePath = '', compiler }: NextConfig,
  options: ResolvedOptions,
): Pick<NextConfig, 'compiler'> {
  if (!isGuarded(options)) return {}
  const isError = options.unprocessed === 'error'
  blockPublicFiles({ projectDir: process.cwd(), basePath, isError })
  return {
    compiler: {
      ...compiler,
      async runAfterProductionCompile(compiled) {
        await compiler?.runAfterProductionCompile?.(compiled)
        const warn = (message: string) => console.warn(message)
        const found = await findInOutput(compiled.projectDir, compiled.distDir, basePath, warn)
        reportUnprocessed(options, found, HINT, {
          warn,
          fail: message => {
            throw new Error(message)
          },
        })
      },
    },
  }
}
