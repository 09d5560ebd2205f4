import { createRollupPlugin } from 'unplugin'
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
export default createRollupPlugin<RollupOptions | undefined, true>(options =>
  createPlugins(options).map(rollup => ({ name: rollup.name, rollup })),
)
