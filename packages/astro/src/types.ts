import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ASTRO, declareProject, findMarkedImports, writeDeclarations } from 'unplugin-nobg/internal'
import type nobgVite from 'unplugin-nobg/vite'
import type { Options } from 'unplugin-nobg/vite'

/** Declares the marked imports of a site. @returns the text of a `.d.ts` file. */
export function declareSite(options: Options, root: URL): Promise<string> {
  return declareProject(fileURLToPath(root), ASTRO, options)
}

/**
 * Renews the declarations while the development server runs. Astro writes them only when it starts.
 *
 * @param findFile returns the file that Astro has written; undefined if there is none.
 * @param declare returns the text of the file.
 */
export function renewTypes(
  findFile: () => URL | undefined,
  declare: () => Promise<string>,
): ReturnType<typeof nobgVite>[number] {
  return {
    name: 'nobg:types',
    apply: 'serve',
    configureServer(server) {
      server.watcher.on('change', path => {
        renew(path).catch((error: Error) => server.config.logger.warn(`nobg: ${error.message}`))
      })
    },
  }

  async function renew(path: string): Promise<void> {
    const file = findFile()
    if (!file || !/\.(?:astro|vue|svelte|[cm]?[jt]sx?)$/.test(path)) return
    if (findMarkedImports(await readFile(path, 'utf8')).length === 0) return
    await writeDeclarations({ file: fileURLToPath(file), text: await declare() })
  }
}
