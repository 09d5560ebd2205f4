import '@nobg/core/check-node'
import { forCommonJs } from './core/common-js.ts'
import esbuild from './esbuild.ts'
import next from './next.ts'
import rolldown from './rolldown.ts'
import rollup from './rollup.ts'
import rsbuild from './rsbuild.ts'
import rspack from './rspack.ts'
import vite from './vite.ts'
import webpack from './webpack.ts'

export type { CutoutReport, Options } from './core/options.ts'
export type { RollupOptions } from './rollup/state.ts'

/**
 * The plugins for all hosts, by the host's name. This module loads no host: install only the host that you use.
 *
 * ```ts
 * export default defineConfig({ plugins: [nobg.vite()] })
 * ```
 */
const nobg = { vite, rollup, rolldown, webpack, rspack, rsbuild, esbuild, next }

const commonJs = forCommonJs(nobg)

export {
  commonJs as 'module.exports',
  esbuild,
  next,
  nobg as default,
  rolldown,
  rollup,
  rsbuild,
  rspack,
  vite,
  webpack,
}
