import { existsSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The hint if core is in a bundle: the option of each bundler that keeps it out. */
export const BUNDLE_HINT =
  "Exclude @nobg/core from the bundle, because nobg starts worker files next to its code. Next: serverExternalPackages: ['@nobg/core'], or withNobg of unplugin-nobg/next; esbuild: external: ['@nobg/core'], or packages: 'external'; Rollup: external: ['@nobg/core']; Vite: ssr: { external: ['@nobg/core'] }; webpack and Rspack: externals: { '@nobg/core': 'commonjs @nobg/core' }; ncc: --external @nobg/core."

/**
 * Returns the path of the file `<name>.worker` in core's folder of workers. Undefined if core's files are not in their
 * folders, as in a bundle, in which the address of this module is that of the bundle or unknown.
 */
export function findWorkerFile(name: string): string | undefined {
  const url: string | undefined = import.meta.url
  if (!url?.startsWith('file:')) return undefined
  const here = fileURLToPath(url)
  // Sources run as .ts inside the workspace and as .js once published.
  const path = join(dirname(here), '..', 'workers', `${name}.worker${extname(here)}`)
  return existsSync(path) ? path : undefined
}

/** Whether this code is in a bundle. */
export function isBundled(): boolean {
  return findWorkerFile('image') === undefined
}
