import { digestFields } from '../cache/key.ts'
import type { Options } from '../options/schema.ts'

/** Raise these when the pixels of a matte, or of a cutout made from the same matte, change. */
const MATTE_VERSION = 2
const FUSION_VERSION = 1
const CUTOUT_VERSION = 2

/** All that decides a matte. */
export interface MatteIdentity {
  /** sha256 of the source's bytes. */
  source: string
  /** sha256 of the weights. */
  weights: string
  /** px */
  operatingResolution: number
  /** Whether it is put together from several looks of the network. */
  fused: boolean
  /** How the network is fed and read: the row's fields that change the matte. */
  contract: unknown
}

/** Key of a matte in the cache: 64 hex digits. */
export function matteKey({ fused, ...identity }: MatteIdentity): string {
  return digestFields({ version: MATTE_VERSION, ...identity, fusion: fused ? FUSION_VERSION : undefined })
}

/** Key of a cutout: the matte's key and every option that comes after the matte; the name, because the file carries it. */
export function cutoutKey(matte: string, name: string, options: Options): string {
  const { outputFormat, outputQuality, outputLossless } = options
  const { matteUpsampling, refineForeground, backgroundColor, crop, threshold, allowEmpty } = options
  return digestFields({
    version: CUTOUT_VERSION,
    matte,
    name,
    outputFormat,
    outputQuality,
    outputLossless,
    matteUpsampling,
    refineForeground,
    backgroundColor,
    crop,
    threshold,
    allowEmpty,
  })
}

/** Key of a mask: as the cutout's, without what changes only colors. */
export function maskKey(matte: string, name: string, options: Options): string {
  const colorless: Options = { ...options, refineForeground: false, backgroundColor: undefined }
  return digestFields({ mask: cutoutKey(matte, name, colorless) })
}
