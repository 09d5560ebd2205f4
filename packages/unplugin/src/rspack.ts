import '@nobg/core/check-node'
import { createRspackPlugin } from 'unplugin'
import type { Compiler } from 'webpack'
import { forCommonJs } from './core/common-js.ts'
import type { Options } from './core/options.ts'
import { applyToCompiler } from './webpack/apply.ts'

export type { CutoutReport, Options } from './core/options.ts'

/**
 * nobg for Rspack: `import cat from './cat.jpg?nobg'` is what the rules make of the photograph without its background, a
 * file's URL unless told otherwise.
 *
 * ```ts
 * export default { entry: './src/main.js', plugins: [nobg()] }
 * ```
 */
const nobg = createRspackPlugin<Options | undefined, false>(options => ({
  name: 'nobg',
  // The hooks used are those that both have.
  rspack: compiler => applyToCompiler(compiler as unknown as Compiler, options),
}))

const commonJs = forCommonJs(nobg)

export { commonJs as 'module.exports', nobg as default }
