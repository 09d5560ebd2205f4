import '@nobg/core/check-node'
import { createRolldownPlugin } from 'unplugin'
import { forCommonJs } from './core/common-js.ts'
import { createPlugins } from './rollup/plugins.ts'
import type { RollupOptions } from './rollup/state.ts'

export type { CutoutReport } from './core/options.ts'
export type { RollupOptions as Options } from './rollup/state.ts'

/**
 * nobg for Rolldown: `import cat from './cat.jpg?nobg'` is the URL of the photograph without its background.
 *
 * ```ts
 * export default defineConfig({ input: 'src/main.js', plugins: [nobg()] })
 * ```
 */
const nobg = createRolldownPlugin<RollupOptions | undefined, true>(options =>
  // nobg uses only hooks that Rollup and Rolldown share.
  createPlugins(options).map(plugin => ({ name: plugin.name, rolldown: plugin as never })),
)

const commonJs = forCommonJs(nobg)

export { commonJs as 'module.exports', nobg as default }
