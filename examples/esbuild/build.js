import { build } from 'esbuild'
import nobg from 'unplugin-nobg/esbuild'

await build({
  entryPoints: ['src/main.js'],
  bundle: true,
  format: 'esm',
  outdir: 'dist',
  // The small model that comes with nobg, so that this example runs offline. Without the option, BiRefNet.
  plugins: [nobg({ substitute: 'u2netp' })],
})
