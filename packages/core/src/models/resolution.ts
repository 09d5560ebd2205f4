import { NobgError } from '../errors.ts'
import type { Model } from './table.ts'

/**
 * The operating resolution, in px, that a model runs at.
 *
 * @param asked the user's wish; the model's own where undefined.
 * @throws {NobgError} UNSUPPORTED_RESOLUTION
 */
export function chooseResolution(model: Model, asked: number | undefined): number {
  const { resolution } = model
  if (typeof resolution === 'number') {
    if (asked === undefined || asked === resolution) return resolution
    throw new NobgError(
      'UNSUPPORTED_RESOLUTION',
      `${model.id} works at ${resolution}×${resolution} only; got ${asked}.`,
      {
        hint: asked === 2048 ? 'The model general-2048 works at 2048×2048.' : `Leave operatingResolution out, or give ${resolution}.`,
      },
    )
  }
  const side = asked ?? resolution.default
  if (side % resolution.multipleOf === 0) return side
  throw new NobgError(
    'UNSUPPORTED_RESOLUTION',
    `${model.id} works at multiples of ${resolution.multipleOf}; got ${side}.`,
    { hint: `Try ${Math.max(1, Math.round(side / resolution.multipleOf)) * resolution.multipleOf}.` },
  )
}

/** Width and height, in px, of the network's input for a picture of the given size. */
export function fitInput(
  model: Model,
  side: number,
  picture: { width: number; height: number },
): { width: number; height: number } {
  if (model.fit === 'stretch') return { width: side, height: side }
  const multipleOf = typeof model.resolution === 'number' ? 32 : model.resolution.multipleOf
  const scale = side / Math.min(picture.width, picture.height)
  // A panorama of any length must not become a tensor of any length.
  const fitted = (length: number) => Math.min(length * scale, 4 * side)
  const round = (length: number) => Math.max(1, Math.floor(fitted(length) / multipleOf)) * multipleOf
  return { width: round(picture.width), height: round(picture.height) }
}
