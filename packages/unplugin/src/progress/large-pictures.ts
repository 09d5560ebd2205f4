import type { Plan } from '@nobg/core'
import { formatBytes } from '@nobg/core/internal'

/** A picture whose file a host ships as it is. */
export interface ShippedPicture {
  /** The reference without folders. */
  label: string
  bytes: number
  /** px */
  width: number
  /** px */
  height: number
  options: Plan['options']
}

/** The warning about the pictures above a limit, with the words that make each smaller; undefined if there are none. */
export function describeLargePictures(
  pictures: readonly ShippedPicture[],
  limitBytes: number,
): string | undefined {
  const large = pictures.filter(({ bytes }) => bytes > limitBytes)
  if (large.length === 0) return undefined
  const lines = large.map(
    ({ label, bytes, options }) => `  ${label} has ${formatBytes(bytes)}. ${suggestWords(options)}`,
  )
  return [
    `nobg: Expected pictures of at most ${formatBytes(limitBytes)} (option warnAboveBytes):`,
    ...lines,
  ].join('\n')
}

/** Below these qualities, artifacts are visible. */
const SMALL_QUALITY = { webp: 75, avif: 50 } as const

function suggestWords({ outputFormat, outputLossless, outputQuality = 100, crop }: Plan['options']): string {
  const words: string[] = []
  if (outputFormat === 'png') words.push('&outputFormat=webp')
  else if (outputLossless) words.push('&outputLossless=false')
  else {
    if (outputQuality > SMALL_QUALITY[outputFormat])
      words.push(`&outputQuality=${SMALL_QUALITY[outputFormat]}`)
    if (outputFormat === 'webp') words.push('&outputFormat=avif')
  }
  if (!crop) words.push('&crop')
  return words.length > 0
    ? `Write ${words.join(' or ')}, or use a smaller photograph.`
    : 'Use a smaller photograph.'
}
