import nobg from 'unplugin-nobg/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [
    nobg({
      // The folder of mattes, which is committed.
      mattes: 'mattes',
      // The small model that comes with nobg, so that this example needs no download. Delete the line for BiRefNet's
      // models, and make the mattes again.
      substitute: 'u2netp',
    }),
  ],
})
