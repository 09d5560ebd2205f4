import { digestFields } from '../cache/key.ts'
import type { Options } from '../options/schema.ts'

/** Raise a version when the pixels that it covers, or the names of their files, change for equal input. */
const MATTE_VERSION = 3
const FUSION_VERSION = 1
const CUTOUT_VERSION = 6

/** Everything that a matte depends on. */
export interface MatteIdentity {
  /** sha256 of the source's bytes. */
  source: string
  /** sha256 of the weights. */
  weights: string
  /** px */
  operatingResolution: number
  /** Whether the matte is fused from several passes of the network. */
  fused: boolean
  /** The model's fields that change the matte: normalization, tensor names, meaning of the output. */
  contract: unknown
}

/** Key of a matte, 64 hex digits. */
export function matteKey({ fused, ...identity }: MatteIdentity): string {
  return digestFields({ version: MATTE_VERSION, ...identity, fusion: fused ? FUSION_VERSION : undefined })
}

/** Key of a matte that is a file of the user, 64 hex digits. Holds both digests: the cutout has the photograph's colors. */
export function givenMatteKey(source: string, matte: string): string {
  return digestFields({ version: MATTE_VERSION, source, given: matte })
}

/** Key of a cutout, 64 hex digits: the matte's key, the options that apply after the matte, and the name of the file. */
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

/** Key of a mask, 64 hex digits: the cutout's key without the options that change only colors. */
export function maskKey(matte: string, name: string, options: Options): string {
  const colorless: Options = { ...options, refineForeground: false, backgroundColor: undefined }
  return digestFields({ mask: cutoutKey(matte, name, colorless) })
}
