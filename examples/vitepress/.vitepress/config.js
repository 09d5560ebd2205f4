import nobg from 'unplugin-nobg/vite'
import { defineConfig } from 'vitepress'

export default defineConfig({
  title: 'nobg and VitePress',
  srcExclude: ['README.md'],
  vite: {
    plugins: [
      nobg({
        // The folder of mattes, which is committed.
        mattes: 'mattes',
        // u2netp is part of nobg, so this example runs offline. Without the line, nobg uses BiRefNet.
        substitute: 'u2netp',
      }),
    ],
  },
})
