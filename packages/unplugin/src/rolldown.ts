import { createRolldownPlugin } from 'unplugin'
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
export default createRolldownPlugin<RollupOptions | undefined, true>(options =>
  // The hooks used are those that both have.
  createPlugins(options).map(plugin => ({ name: plugin.name, rolldown: plugin as never })),
)
