import nobg from 'unplugin-nobg/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // The server may be mounted below a path.
  base: './',
  // Also in tests.
  plugins: [nobg({ enabled: true })],
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    assetsDir: 'page',
    // The page's security policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: false,
    // The first versions with typed custom properties, `light-dark()` and `:has()`, which the page uses.
    target: ['chrome123', 'firefox128', 'safari17.5'],
  },
})
