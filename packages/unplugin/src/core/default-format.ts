import { type OptionsInput, parseOptions } from '@nobg/core'
import type { QueryWord } from '@nobg/core/internal'

/**
 * The encoding of a shipped cutout. Next to PNG, it has about 14 % of the bytes; alpha differs by at most one level, and 99 % of
 * the pixels at edges by at most 12 levels (docs/encoding.md).
 */
const SHIPPED = { outputFormat: 'webp', outputQuality: 90 } as const

/** Words of Vite that change how a file is delivered. All other words may be those of a plugin that encodes again. */
const DELIVERY_WORD = /^(?:url|inline|no-inline|import|t|v)(?:=|$)/

/** Whether a host ships the file itself, given the query words that are not nobg's. */
export function isShipped(rest: readonly QueryWord[], encodesAgain: boolean): boolean {
  return !encodesAgain && rest.every(({ text }) => DELIVERY_WORD.test(text))
}

/**
 * Adds the format of a shipped cutout to options without a format. A mask, and a cutout that the host encodes again, are
 * lossless.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function addDefaultFormat(options: OptionsInput, shipped: boolean): OptionsInput {
  const { outputFormat, outputQuality } = options
  if (!shipped || (outputFormat ?? undefined) !== undefined || parseOptions(options).outputMask)
    return options
  return { ...options, ...SHIPPED, outputQuality: outputQuality ?? SHIPPED.outputQuality }
}
