import { NobgError } from '../errors.ts'
import type { Matte, Raster, Rectangle } from '../types.ts'
import { applyMatte, type MatteUpsampling } from './apply.ts'
import { cropRaster, findSubjectBounds, growRectangle } from './bounds.ts'
import { estimateForeground, zeroTransparent } from './foreground/estimate.ts'
import { thresholdAlpha } from './matte.ts'

/** A margin around the subject: in px, or in percent of the subject's larger side. */
interface CropSettings {
  margin: number
  unit: 'px' | '%'
}

/** What composing a cutout can do beside laying the matte over the raster. */
export interface CutoutSettings {
  /** How the matte grows to the raster's size. */
  matteUpsampling: MatteUpsampling
  /** How the colours under translucent alpha are unmixed; `false` leaves them as photographed. */
  refineForeground: false | 'multi-level' | 'blur-fusion'
  /** Makes alpha binary at this value, in [0,1]. */
  threshold?: number
  /** Trims the cutout to its subject. */
  crop?: CropSettings
}

/** A cutout and where in the photograph it lies. */
export interface ComposedCutout {
  /** uint8, [height, width, 4], straight alpha; all four bytes are zero where alpha is. */
  raster: Raster
  /** The cutout's place in the given raster, in px: the whole frame unless cropped. */
  bounds: Rectangle
}

/**
 * Makes the cutout: matte → threshold → crop → foreground.
 *
 * @param raster uint8, [height, width, 3 | 4]. One of four channels is used up: its pixels are overwritten.
 * @throws {NobgError} NO_SUBJECT when it shall be cropped to a subject and there is none.
 */
export function composeCutout(raster: Raster, matte: Matte, settings: CutoutSettings): ComposedCutout {
  const { matteUpsampling, refineForeground, threshold, crop } = settings
  const rgba = applyMatte(raster, matte, matteUpsampling)
  if (threshold !== undefined) thresholdAlpha(rgba, threshold)
  const bounds = crop ? findCrop(rgba, crop) : { left: 0, top: 0, width: rgba.width, height: rgba.height }
  const framed = crop ? cropRaster(rgba, bounds) : rgba
  const cutout = refineForeground ? estimateForeground(framed, refineForeground) : zeroTransparent(framed)
  return { raster: cutout, bounds }
}

function findCrop(rgba: Raster, { margin, unit }: CropSettings): Rectangle {
  const subject = findSubjectBounds(rgba, 0)
  if (!subject) {
    throw new NobgError(
      'NO_SUBJECT',
      `Expected a subject to crop to, got a matte that is transparent all over (${rgba.width}×${rgba.height} px).`,
      { hint: 'Leave out crop to get the empty cutout, or try another model.' },
    )
  }
  const marginPx = unit === 'px' ? margin : (Math.max(subject.width, subject.height) * margin) / 100
  return growRectangle(subject, marginPx, rgba.width, rgba.height)
}
