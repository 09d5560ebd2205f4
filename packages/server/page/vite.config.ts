import nobg from 'unplugin-nobg/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // The server may lie below a path.
  base: './',
  // In tests, too.
  plugins: [nobg({ enabled: true })],
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    assetsDir: 'page',
    // The page's security policy knows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: false,
    // Custom properties with a type, `light-dark()` and `:has()`: what the page is written with anyway.
    target: ['chrome123', 'firefox128', 'safari17.5'],
  },
})
