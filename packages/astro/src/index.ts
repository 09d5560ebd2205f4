import type { AstroConfig, AstroIntegration } from 'astro'
import { declareImports, forCommonJs } from 'unplugin-nobg/internal'
import nobgVite, { type Options } from 'unplugin-nobg/vite'
import { checkCollections } from './collections.ts'
import { checkInlinedScripts, checkPages } from './pages.ts'
import { renewContent } from './renew.ts'
import { watchServerBundles } from './server-bundles.ts'

export type { CutoutReport, Options } from 'unplugin-nobg/vite'

/**
 * nobg for Astro: `import cat from './cat.jpg?nobg'` is the ImageMetadata of the photograph without its background.
 *
 * ```ts
 * export default defineConfig({ integrations: [nobg()] })
 * ```
 */
export default function nobg(options: Options = {}): AstroIntegration {
  let isStatic = true
  let final: AstroConfig
  return {
    name: '@nobg/astro',
    hooks: {
      'astro:config:setup'({ config, updateConfig, logger }) {
        updateConfig({
          vite: {
            plugins: [
              ...watchServerBundles(nobgVite({ ...options, encodesAgain: true }), () => isStatic),
              checkCollections(options, config.root, logger),
              renewContent(),
            ],
          },
        })
      },
      'astro:config:done'({ config, injectTypes, buildOutput }) {
        final = config
        isStatic = buildOutput === 'static'
        const types = { picture: "import('astro').ImageMetadata", vite: true }
        injectTypes({ filename: 'imports.d.ts', content: declareImports(types, options) })
      },
      'astro:build:ssr'({ manifest, logger }) {
        checkInlinedScripts(options, manifest, logger)
      },
      async 'astro:build:done'({ dir, logger }) {
        await checkPages(options, dir, final, logger)
      },
    },
  }
}

const commonJs = forCommonJs(nobg)

export { commonJs as 'module.exports' }
