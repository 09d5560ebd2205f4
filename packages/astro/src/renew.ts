import type nobgVite from 'unplugin-nobg/vite'

/** The module that contains the entries of all collections. */
const DATA_STORE = '\0astro:data-layer-content'

const IMAGE_FILE = /\.(?:apng|avif|bmp|gif|hei[cf]|jfif|jpe?g|jxl|pjp|pjpeg|png|svg|tiff?|webp)$/i

/**
 * Clears images that Astro caches outside of Vite's module graph. Before Astro 7, `getEntry` writes the images into the
 * entries of the data store, and the results of `getStaticPaths` are cached. When a photograph changes, the URL of its
 * cutout changes.
 *
 * @returns a plugin that must come after nobg's own plugin, whose `hotUpdate` returns the modules that use the photograph.
 */
export function renewContent(): ReturnType<typeof nobgVite>[number] {
  return {
    name: 'nobg:renew-content',
    apply: 'serve',
    hotUpdate({ file, modules }) {
      const { name, moduleGraph, hot } = this.environment
      if (name === 'client' || modules.length === 0 || !IMAGE_FILE.test(file)) return undefined
      hot.send('astro:content-changed', {})
      const store = moduleGraph.getModuleById(DATA_STORE)
      return store ? [...modules, store] : undefined
    },
  }
}
