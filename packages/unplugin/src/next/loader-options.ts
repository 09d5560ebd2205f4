import type { Options } from '../core/options.ts'

/** The options of the loader: those of the plugin that can be written as JSON. */
export interface LoaderOptions
  extends Omit<Options, 'store' | 'logger' | 'onCutout' | 'dev' | 'unprocessed'> {
  /** Format for which the host has named the file; a picture of another one is refused. */
  format?: 'png' | 'webp' | 'avif'
  /** Changes when anything else changes that decides a picture, so that the host's cache does not keep an old one. */
  identity?: string
}
