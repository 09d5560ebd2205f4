import { createRollupPlugin } from 'unplugin'
import type { RollupOptions } from './rollup/door.ts'
import { createPlugins } from './rollup/plugins.ts'

export type { CutoutReport } from './options.ts'
export type { RollupOptions as Options } from './rollup/door.ts'

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
