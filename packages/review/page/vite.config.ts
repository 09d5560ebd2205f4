import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // The page is mounted below a path.
  base: './',
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    // The page's security policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: false,
    // The first versions with `light-dark()` and `:has()`, which the page uses.
    target: ['chrome123', 'firefox128', 'safari17.5'],
  },
})
