import { build } from 'esbuild'
import nobg from 'unplugin-nobg/esbuild'

await build({
  entryPoints: ['src/main.js'],
  bundle: true,
  format: 'esm',
  outdir: 'dist',
  // u2netp is part of nobg, so this example runs offline. Without the option, nobg uses BiRefNet.
  plugins: [nobg({ substitute: 'u2netp' })],
})
