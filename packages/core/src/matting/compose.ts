import { NobgError } from '../shared/errors.ts'
import type { Matte, Raster, Rectangle } from '../shared/types.ts'
import { applyMatte, type MatteUpsampling } from './apply.ts'
import { cropRaster, findSubjectBounds, growRectangle, hasSubject, LEAST_ALPHA } from './bounds.ts'
import { estimateForeground, zeroTransparent } from './foreground/estimate.ts'
import { thresholdAlpha } from './matte.ts'

/** A margin around the subject: in px, or in percent of the subject's larger side. */
interface CropSettings {
  margin: number
  unit: 'px' | '%'
}

/** How a cutout is composed. */
export interface ComposeSettings {
  /** How the matte is enlarged to the raster's size. */
  matteUpsampling: MatteUpsampling
  /** Method of foreground estimation; `false` keeps the photograph's colors. */
  refineForeground: false | 'multi-level' | 'blur-fusion'
  /** Makes alpha binary: 255 at or above this value in [0,1], else 0. */
  threshold?: number
  /** Crops the cutout to its subject. */
  crop?: CropSettings
  /** Returns a cutout without a subject, uncropped, instead of an error. */
  allowEmpty?: boolean
}

/** A cutout and its place in the photograph. */
export interface Composition {
  /** uint8, [height, width, 4], RGBA, sRGB, straight alpha. Where alpha is 0, all four bytes are 0. */
  raster: Raster
  /** The cutout's rectangle in the given raster, px: the whole frame unless cropped. */
  bounds: Rectangle
  /** Whether no pixel has an alpha of 13/255 (5 %) or more; only with `allowEmpty`. */
  isEmpty: boolean
}

/**
 * Composes the cutout: matte → threshold → crop → foreground.
 *
 * @param raster uint8, [height, width, 3 | 4]. The pixels of a raster of four channels are overwritten.
 * @throws {NobgError} NO_SUBJECT if no pixel of the cutout has an alpha of 13/255 (5 %) or more, unless `allowEmpty`.
 */
export function composeCutout(raster: Raster, matte: Matte, settings: ComposeSettings): Composition {
  const { matteUpsampling, refineForeground, threshold, crop, allowEmpty } = settings
  const rgba = applyMatte(raster, matte, matteUpsampling)
  const hadSubject = threshold !== undefined && hasSubject(rgba)
  if (threshold !== undefined) thresholdAlpha(rgba, threshold)
  const isEmpty = !hasSubject(rgba)
  if (isEmpty && !allowEmpty) throw explainEmpty(rgba, matte, hadSubject ? threshold : undefined)
  const trim = isEmpty ? undefined : crop
  const bounds = trim ? findCrop(rgba, trim) : { left: 0, top: 0, width: rgba.width, height: rgba.height }
  const framed = trim ? cropRaster(rgba, bounds) : rgba
  const cutout = refineForeground ? estimateForeground(framed, refineForeground) : zeroTransparent(framed)
  return { raster: cutout, bounds, isEmpty }
}

function findCrop(rgba: Raster, { margin, unit }: CropSettings): Rectangle {
  const subject = findSubjectBounds(rgba, 0) as Rectangle
  const marginPx = unit === 'px' ? margin : (Math.max(subject.width, subject.height) * margin) / 100
  return growRectangle(subject, marginPx, rgba.width, rgba.height)
}

/** @param threshold the threshold, if it removed the subject */
function explainEmpty({ width, height }: Raster, matte: Matte, threshold: number | undefined): NobgError {
  const size = `${width}×${height} px`
  const accept = 'set `allowEmpty` to get the empty cutout'
  if (threshold !== undefined) {
    return new NobgError(
      'NO_SUBJECT',
      `Expected a subject, got none whose alpha reaches the threshold ${threshold} (${size}).`,
      { hint: `Lower \`threshold\`, or ${accept}.` },
    )
  }
  const isFound = matte.data.some(alpha => alpha >= LEAST_ALPHA)
  const reason = isFound
    ? 'an image that is transparent at the subject'
    : 'a matte that is transparent everywhere'
  return new NobgError('NO_SUBJECT', `Expected a subject, got ${reason} (${size}).`, {
    hint: `${isFound ? 'Give an opaque image' : 'Try another model'}, or ${accept}.`,
  })
}
