import '@nobg/core/check-node'
import type { RsbuildPlugin } from '@rsbuild/core'
import { forCommonJs } from './core/common-js.ts'
import type { Options } from './core/options.ts'
import rspack from './rspack.ts'

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
      api.modifyRspackConfig((_config, { appendPlugins }) => appendPlugins(rspack(options)))
    },
  }
}

const commonJs = forCommonJs(nobg)

export { commonJs as 'module.exports', nobg as default }
