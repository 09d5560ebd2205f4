import nobg from '@nobg/astro'
import { defineConfig } from 'astro/config'

export default defineConfig({
  integrations: [
    nobg({
      // The folder of mattes, which is committed: delete it, and nobg predicts the mattes again.
      mattes: 'mattes',
      // The small model that comes with nobg, so that this example runs offline. Delete the line for BiRefNet's
      // models: better edges, and a download of their weights at the first build.
      substitute: 'u2netp',
    }),
  ],
})
