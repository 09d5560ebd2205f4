import { blankQuotedCode } from 'unplugin-nobg/internal'
import type nobgVite from 'unplugin-nobg/vite'

type VitePlugin = ReturnType<typeof nobgVite>[number]

/**
 * Lets nobg's guard read the bundles of a server, without the code that pages quote. The guard does not read a bundle that
 * only prerenders pages: the written pages are checked instead.
 *
 * @param isStatic whether the whole site is prerendered; known when the build starts.
 */
export function watchServerBundles(plugins: VitePlugin[], isStatic: () => boolean): VitePlugin[] {
  return plugins.map((plugin): VitePlugin => {
    const { generateBundle } = plugin
    if (typeof generateBundle !== 'object') return plugin
    const { handler } = generateBundle
    return {
      ...plugin,
      generateBundle: {
        ...generateBundle,
        handler(options, bundle, isWrite) {
          const { name } = this.environment
          if (name === 'client') return handler.call(this, options, bundle, isWrite)
          if (isStatic() || name === 'prerender') return undefined
          const shown = Object.entries(bundle).map(([fileName, file]) => {
            if (file.type === 'asset') return [fileName, file]
            const { type, imports, dynamicImports } = file
            return [fileName, { type, imports, dynamicImports, code: blankQuotedCode(file.code) }]
          })
          return handler.call(this, options, Object.fromEntries(shown), isWrite)
        },
      },
    }
  })
}
