import { defineConfig } from '@rsbuild/core'
import nobg from 'unplugin-nobg/rsbuild'

export default defineConfig({
  source: { entry: { main: './src/main.js' } },
  // u2netp is part of nobg, so this example runs offline. Without the option, nobg uses BiRefNet.
  plugins: [nobg({ substitute: 'u2netp' })],
})
