import starlight from '@astrojs/starlight'
import nobg from '@nobg/astro'
import { defineConfig } from 'astro/config'
import { sidebar } from './src/sidebar.ts'

export default defineConfig({
  site: 'https://nobg.github.io',
  base: '/nobg',
  integrations: [
    starlight({
      title: 'nobg',
      description: 'Remove image backgrounds in your build, on your own machine.',
      social: [{ icon: 'github', label: 'GitHub', href: 'https://github.com/nobg/nobg' }],
      editLink: { baseUrl: 'https://github.com/nobg/nobg/edit/main/docs/' },
      customCss: ['./src/styles/site.css'],
      sidebar,
      // Headings with links to themselves, in all pages.
      markdown: { processedDirs: ['.'] },
    }),
    nobg({
      // The photographs are those of an example, which keeps their mattes. So the site is built without a model.
      root: '../examples/mattes',
      mattes: 'mattes',
      substitute: 'u2netp',
      presets: {
        green: { backgroundColor: '#2e7d5b' },
        mask: { outputMask: true },
        unrefined: { refineForeground: false, backgroundColor: '#2e7d5b' },
      },
    }),
  ],
})
