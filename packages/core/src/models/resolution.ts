import { NobgError } from '../shared/errors.ts'
import type { Size } from '../shared/types.ts'
import type { Model } from './table.ts'

/** The largest operating resolution as a multiple of a fixed input size. Beyond, a tile shows too little of the picture. */
const MAX_ZOOM = 8

/** px; equals the option's bound. A fused matte costs 22 bytes per pixel: 370 MB at this size. */
const MAX_FUSED_SIDE = 4096

/** The largest ratio between the sizes of two passes, so that a tile's matte can be compared with the coarse matte. */
const MAX_STEP = 2

/** A model that runs at an operating resolution. */
interface SizedModel {
  model: Model
  /** px */
  operatingResolution: number
}

/**
 * Chooses the weights and the operating resolution. It takes the model itself if that runs at the requested resolution,
 * else one of `otherSizes` that does, else the model itself in tiles (see {@link fitInputs}).
 *
 * @param asked requested operating resolution, px; undefined for the model's own
 * @param find returns the model of an id
 * @throws {NobgError} UNSUPPORTED_RESOLUTION
 */
export function chooseResolution(
  model: Model,
  asked: number | undefined,
  find: (id: string) => Model,
): SizedModel {
  const { resolution } = model
  const operatingResolution = asked ?? (typeof resolution === 'number' ? resolution : resolution.default)
  const rows = [model, ...(model.otherSizes ?? []).map(find)]
  const native = rows.find(row => isNative(row, operatingResolution))
  if (native) return { model: native, operatingResolution }
  if (typeof resolution !== 'number')
    throw refuseMultiple(model.id, resolution.multipleOf, operatingResolution)
  const largest = Math.min(MAX_ZOOM * resolution, MAX_FUSED_SIDE)
  if (operatingResolution > resolution && operatingResolution <= largest)
    return { model, operatingResolution }
  throw refuseSide(model.id, resolution, largest, operatingResolution)
}

/** Whether a model runs at this resolution in one pass. */
export function isNative({ resolution }: Pick<Model, 'resolution'>, side: number): boolean {
  return typeof resolution === 'number' ? side === resolution : side % resolution.multipleOf === 0
}

function refuseMultiple(id: string, multipleOf: number, side: number): NobgError {
  const nearest = Math.max(1, Math.round(side / multipleOf)) * multipleOf
  return unsupported(`Expected a multiple of ${multipleOf} for ${id}, got ${side}.`, `Try ${nearest}.`)
}

function refuseSide(id: string, least: number, largest: number, side: number): NobgError {
  const tooLarge =
    side > MAX_FUSED_SIDE
      ? 'A higher resolution needs too much memory.'
      : 'At a higher resolution a tile covers too little of the picture.'
  const hint = side < least ? 'A lower resolution saves no time with this model.' : tooLarge
  return unsupported(
    `Expected an operatingResolution from ${least} to ${largest} for ${id}, got ${side}.`,
    `Choose a value in this range, or omit operatingResolution. ${hint}`,
  )
}

function unsupported(message: string, hint: string): NobgError {
  return new NobgError('UNSUPPORTED_RESOLUTION', message, { hint })
}

/**
 * Returns the sizes to which the picture is scaled for the network, px, ascending. The first is the network's input. If
 * the operating resolution exceeds a fixed input size, finer sizes follow, which run in tiles of the first size. The last
 * is the operating resolution, or the picture's longer side if that is smaller.
 */
export function fitInputs(
  model: Pick<Model, 'fit' | 'resolution'>,
  side: number,
  picture: Size,
): [Size, ...Size[]] {
  const own = model.resolution
  if (typeof own !== 'number') return [fitInput(model, side, picture)]
  const finest = Math.min(side, Math.max(own, picture.width, picture.height))
  const steps = Math.ceil(Math.log(finest / own) / Math.log(MAX_STEP))
  const finer = Array.from({ length: steps }, (_, i) => Math.round(own * (finest / own) ** ((i + 1) / steps)))
  return [toSquare(own), ...finer.map(toSquare)]
}

function toSquare(side: number): Size {
  return { width: side, height: side }
}

/**
 * Returns width and height of the network's input for a picture, px.
 *
 * If the model keeps the aspect ratio, the shorter side becomes the operating resolution, and both sides are rounded down
 * to the multiple that the graph needs, as in MODNet's own code. The longer side is at most four times the operating
 * resolution, which bounds the tensor of a panorama.
 *
 * @see https://github.com/ZHKKKe/MODNet/blob/master/onnx/inference_onnx.py
 */
function fitInput(model: Pick<Model, 'fit' | 'resolution'>, side: number, picture: Size): Size {
  if (model.fit === 'stretch' || typeof model.resolution === 'number') return { width: side, height: side }
  const { multipleOf } = model.resolution
  const shorter = Math.min(picture.width, picture.height)
  const fitLength = (length: number) => {
    // Multiplying first keeps the division exact for the shorter side; a factor computed first can turn 512 into 480.
    const fitted = Math.min((length * side) / shorter, 4 * side)
    return Math.floor(fitted / multipleOf) * multipleOf
  }
  return { width: fitLength(picture.width), height: fitLength(picture.height) }
}
