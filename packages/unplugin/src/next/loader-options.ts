import type { Options } from '../core/options.ts'

/** The options of the loader: the options of the plugin that JSON can represent. */
export interface LoaderOptions
  extends Omit<Options, 'store' | 'logger' | 'onCutout' | 'dev' | 'unprocessed' | 'warnAboveBytes'> {
  /** The format of the file name that the host has chosen. A picture of another format is an error. */
  format?: 'png' | 'webp' | 'avif'
  /** Changes with everything else that changes a picture, so that the host's cache keeps no old picture. */
  identity?: string
}
