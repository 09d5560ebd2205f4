import { NobgError } from '../errors.ts'
import type { Model } from './table.ts'

/**
 * The operating resolution, in px, that a model runs at.
 *
 * @param asked the user's wish; the model's own where undefined.
 * @throws {NobgError} UNSUPPORTED_RESOLUTION
 */
export function chooseResolution(model: Model, asked: number | undefined): number {
  const { id, resolution } = model
  if (typeof resolution === 'number') {
    if (asked === undefined || asked === resolution) return resolution
    throw unsupported(
      `Expected ${resolution}, the only operating resolution of ${id}, got ${asked}.`,
      asked === 2048
        ? 'Use the model general-2048, which works at 2048, or leave operatingResolution out.'
        : 'Leave operatingResolution out.',
    )
  }
  const { multipleOf } = resolution
  const side = asked ?? resolution.default
  if (side % multipleOf === 0) return side
  const nearest = Math.max(1, Math.round(side / multipleOf)) * multipleOf
  throw unsupported(`Expected a multiple of ${multipleOf} for ${id}, got ${side}.`, `Try ${nearest}.`)
}

/** Whether a model runs at this resolution in one look. */
export function isNative({ resolution }: Pick<Model, 'resolution'>, side: number): boolean {
  return typeof resolution === 'number' ? side === resolution : side % resolution.multipleOf === 0
}

function unsupported(message: string, hint: string): NobgError {
  return new NobgError('UNSUPPORTED_RESOLUTION', message, { hint })
}

/**
 * Width and height, in px, of the network's input for a picture of the given size.
 *
 * Where the model keeps the aspect ratio, the shorter side becomes the operating resolution, and both sides are floored
 * to the multiple that the graph needs, as MODNet's own inference does it. The longer side stops at four times the
 * operating resolution: a panorama of any length must not become a tensor of any length.
 *
 * @see https://github.com/ZHKKKe/MODNet/blob/master/onnx/inference_onnx.py
 */
export function fitInput(
  model: Pick<Model, 'fit' | 'resolution'>,
  side: number,
  picture: { width: number; height: number },
): { width: number; height: number } {
  if (model.fit === 'stretch' || typeof model.resolution === 'number') return { width: side, height: side }
  const { multipleOf } = model.resolution
  const shorter = Math.min(picture.width, picture.height)
  const fitLength = (length: number) => {
    // In this order the division is exact for the shorter side; a factor worked out first would floor 512 to 480 at times.
    const fitted = Math.min((length * side) / shorter, 4 * side)
    return Math.floor(fitted / multipleOf) * multipleOf
  }
  return { width: fitLength(picture.width), height: fitLength(picture.height) }
}
