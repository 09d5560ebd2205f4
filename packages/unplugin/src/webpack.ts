import '@nobg/core/check-node'
import { createWebpackPlugin } from 'unplugin'
import { forCommonJs } from './core/common-js.ts'
import type { Options } from './core/options.ts'
import { applyToCompiler } from './webpack/apply.ts'

export type { CutoutReport, Options } from './core/options.ts'

/**
 * nobg for webpack: `import cat from './cat.jpg?nobg'` is the photograph without its background, as your rules for `.webp`
 * load it. Without such a rule, the import is the URL of a file.
 *
 * ```ts
 * export default { entry: './src/main.js', plugins: [nobg()] }
 * ```
 */
const nobg = createWebpackPlugin<Options | undefined, false>(options => ({
  name: 'nobg',
  webpack: compiler => applyToCompiler(compiler, options),
}))

const commonJs = forCommonJs(nobg)

export { commonJs as 'module.exports', nobg as default }
