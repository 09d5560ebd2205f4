import { existsSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What to do if core's files were put into a bundle: the option of each bundler. */
export const BUNDLE_HINT =
  "Keep @nobg/core out of the bundle, since it starts worker files of its own. Next: serverExternalPackages: ['@nobg/core'], or withNobg of unplugin-nobg/next; esbuild: external: ['@nobg/core'], or packages: 'external'; Rollup: external: ['@nobg/core']; Vite: ssr: { external: ['@nobg/core'] }; webpack and Rspack: externals; ncc: --external @nobg/core."

/**
 * Path of the file `<name>.worker` in core's folder of workers. Undefined if core's files do not lie where they belong,
 * as in a bundle of one file, where the address of this module is that of the bundle or is not known.
 */
export function findWorkerFile(name: string): string | undefined {
  const url: string | undefined = import.meta.url
  if (!url?.startsWith('file:')) return undefined
  const here = fileURLToPath(url)
  // Sources run as .ts inside the workspace and as .js once published.
  const path = join(dirname(here), '..', 'workers', `${name}.worker${extname(here)}`)
  return existsSync(path) ? path : undefined
}

/** Whether a bundler has put this code into a file of its own. */
export function isBundled(): boolean {
  return findWorkerFile('image') === undefined
}
