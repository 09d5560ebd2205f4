import type { AstroIntegrationLogger } from 'astro'
import type { Options } from 'unplugin-nobg/vite'

/**
 * Says what stays unprocessed, as loud as the option `unprocessed` wants it.
 *
 * @throws {Error} where it is `error`.
 */
export function reportUnprocessed(
  { unprocessed }: Options,
  message: string,
  logger: AstroIntegrationLogger,
): void {
  if (unprocessed === 'warn') logger.warn(message)
  else if (unprocessed !== 'ignore') throw Object.assign(new Error(message), { stack: '' })
}
