import type { WebpackPluginInstance } from 'webpack'
import { explainOptions } from './explain.ts'
import type { LoaderOptions } from './loader.ts'
import { type Options, resolveOptions } from './options.ts'
import { IMAGE_EXTENSIONS } from './reference.ts'
import webpackNobg from './webpack.ts'

export type { CutoutReport, Options } from './options.ts'

/** The part of Next's configuration that is added to. */
interface NextConfig {
  webpack?: ((config: { plugins: WebpackPluginInstance[] }, context: never) => unknown) | null
  turbopack?: { rules?: Record<string, unknown> }
}

/**
 * nobg for Next.js, in Turbopack and in webpack: `import cat from './cat.jpg?nobg'` is the `StaticImageData` of the
 * photograph without its background.
 *
 * ```ts
 * const withNobg = nobg()
 * export default withNobg({ reactStrictMode: true })
 * ```
 *
 * @returns a function that adds nobg to a configuration, be it an object or a function.
 */
export default function nobg(options: Options = {}): <Config extends object>(config?: Config) => Config {
  const rules = createRules(options)

  function extend<Config extends object>(config: Config = {} as Config): Config {
    if (typeof config === 'function') {
      const create = config as (...context: unknown[]) => object | Promise<object>
      return (async (...context: unknown[]) => extend(await create(...context))) as unknown as Config
    }
    const { webpack, turbopack } = config as NextConfig
    const extended: NextConfig = {
      ...config,
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

/** Turbopack tells capitals apart. */
const PHOTOGRAPHS = `*.{${[...IMAGE_EXTENSIONS, ...IMAGE_EXTENSIONS.map(name => name.toUpperCase())]}}`
const LOADER = 'unplugin-nobg/loader'

/**
 * Turbopack's rules: one for each format of the finished picture, because `as` gives the file its type. Without any, a
 * query means nothing to Turbopack, and the photograph is what is imported.
 */
function createRules(options: Options): Record<string, object[]> {
  if (!checkEnabled(options)) return {}
  const loaders = [{ loader: LOADER, options: toJson(options) }]
  const marked = { query: /[?&]nobg(?:[=&]|$)/ }
  const others = (['webp', 'avif'] as const).map(format => ({ format, query: queryOf(format, options) }))
  const isOther = others.map(({ query }) => ({ query }))
  const rules = [
    { condition: { all: [marked, { not: { any: isOther } }] }, loaders, as: '*.png' },
    ...others.map(({ format, query }) => ({
      condition: { all: [marked, { query }] },
      loaders,
      as: `*.${format}`,
    })),
  ]
  return { [PHOTOGRAPHS]: rules }
}

/** @throws {Error} naming the option that is wrong */
function checkEnabled(options: Options): boolean {
  try {
    return resolveOptions(options).enabled
  } catch (error) {
    throw explainOptions(error)
  }
}

/** The queries that ask for a format: by the option's name, or by that of a preset which sets it. */
function queryOf(format: 'webp' | 'avif', { presets = {} }: Options): RegExp {
  const names = Object.keys(presets).filter(name => presets[name].outputFormat === format)
  const words = [`outputFormat=${format}`, ...names.map(name => `nobg=${name.replace(/\W/g, '\\$&')}`)]
  return new RegExp(`[?&](?:${words.join('|')})(?:&|$)`)
}

/** Turbopack hands options to its workers as JSON: functions and stores stay behind. */
function toJson({ store: _, logger: __, onCutout: ___, ...options }: Options): LoaderOptions {
  return JSON.parse(JSON.stringify(options))
}
