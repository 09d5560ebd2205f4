import '@nobg/core/check-node'
import type { RsbuildPlugin } from '@rsbuild/core'
import type { RspackPluginInstance } from '@rspack/core'
import type { Compiler } from 'webpack'
import { forCommonJs } from './core/common-js.ts'
import type { Options } from './core/options.ts'
import { applyToCompiler } from './webpack/apply.ts'

export type { CutoutReport, Options } from './core/options.ts'

/**
 * nobg for Rsbuild: `import cat from './cat.jpg?nobg'` is the URL of the photograph without its background.
 *
 * ```ts
 * export default defineConfig({ plugins: [nobg()] })
 * ```
 */
function nobg(options?: Options): RsbuildPlugin {
  return {
    name: 'nobg',
    setup(api) {
      // Rsbuild hides what Rspack's plugins log, except errors.
      const plugin: RspackPluginInstance = {
        apply: compiler => applyToCompiler(compiler as unknown as Compiler, options, api.logger),
      }
      api.modifyRspackConfig((_config, { appendPlugins }) => appendPlugins(plugin))
    },
  }
}

const commonJs = forCommonJs(nobg)

export { commonJs as 'module.exports', nobg as default }
