import type { AstroConfig, AstroIntegration } from 'astro'
import { forCommonJs } from 'unplugin-nobg/internal'
import nobgVite, { type Options } from 'unplugin-nobg/vite'
import { checkCollections } from './collections.ts'
import { checkInlinedScripts, checkPages } from './pages.ts'
import { renewContent } from './renew.ts'
import { watchServerBundles } from './server-bundles.ts'
import { declareSite, renewTypes } from './types.ts'

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
  let typesFile: URL | undefined
  return {
    name: '@nobg/astro',
    hooks: {
      'astro:config:setup'({ config, updateConfig, logger }) {
        updateConfig({
          vite: {
            plugins: [
              // Astro has a folder for types, and adds it to the project. It checks its pages itself.
              ...watchServerBundles(
                nobgVite({ ...options, encodesAgain: true, dts: false }).filter(
                  ({ name }) => name !== 'nobg:written-pages',
                ),
                () => isStatic,
              ),
              checkCollections(options, config.root, logger),
              renewContent(),
              renewTypes(
                () => typesFile,
                () => declareSite(options, config.root),
              ),
            ],
          },
        })
      },
      async 'astro:config:done'({ config, injectTypes, buildOutput }) {
        final = config
        isStatic = buildOutput === 'static'
        if (options.dts === false) return
        const content = await declareSite(options, config.root)
        typesFile = injectTypes({ filename: 'imports.d.ts', content })
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
