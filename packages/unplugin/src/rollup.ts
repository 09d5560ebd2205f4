import '@nobg/core/check-node'
import { createRollupPlugin } from 'unplugin'
import { forCommonJs } from './core/common-js.ts'
import { createPlugins } from './rollup/plugins.ts'
import type { RollupOptions } from './rollup/state.ts'

export type { CutoutReport } from './core/options.ts'
export type { RollupOptions as Options } from './rollup/state.ts'

/**
 * nobg for Rollup: `import cat from './cat.jpg?nobg'` is the URL of the photograph without its background.
 *
 * ```ts
 * export default { input: 'src/main.js', output: { dir: 'dist' }, plugins: [nobg()] }
 * ```
 */
const nobg = createRollupPlugin<RollupOptions | undefined, true>(options =>
  createPlugins(options).map(rollup => ({ name: rollup.name, rollup })),
)

const commonJs = forCommonJs(nobg)

export { commonJs as 'module.exports', nobg as default }
