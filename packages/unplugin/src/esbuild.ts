import '@nobg/core/check-node'
import { createEsbuildPlugin } from 'unplugin'
import { forCommonJs } from './core/common-js.ts'
import type { Options } from './core/options.ts'
import { setUpBuild } from './esbuild/set-up-build.ts'

export type { CutoutReport, Options } from './core/options.ts'

/**
 * nobg for esbuild: `import cat from './cat.jpg?nobg'` is the photograph without its background, as your `loader` for `.webp`
 * loads it. Without such a loader, the import is the URL of a file.
 *
 * ```ts
 * await esbuild.build({ entryPoints: ['src/main.js'], bundle: true, outdir: 'dist', plugins: [nobg()] })
 * ```
 */
const nobg = createEsbuildPlugin<Options | undefined, false>(options => ({
  name: 'nobg',
  esbuild: { setup: build => setUpBuild(build, options) },
}))

const commonJs = forCommonJs(nobg)

export { commonJs as 'module.exports', nobg as default }
