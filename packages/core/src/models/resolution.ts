import { NobgError } from '../shared/errors.ts'
import type { Model } from './table.ts'

/** How many times finer than its own input a network of fixed size may look: beyond, its tiles see too little to know anything. */
const largestZoom = 8

/** px; the same bound as the option's. A matte that is put together out of tiles costs 22 bytes a pixel: here 370 MB. */
const largestFused = 4096

/** Each look is at most this many times finer than the one before, so that tile and coarse matte can be compared. */
const largestStep = 2

/** A model that runs at an operating resolution. */
interface SizedModel {
  model: Model
  /** px */
  operatingResolution: number
}

/**
 * The weights and the operating resolution that an image gets: the model's own where they can run at the asked one, else
 * those of its `otherSizes` that can, else its own again, which then look at parts of the picture (see {@link fitInputs}).
 *
 * @param asked the user's wish in px; the model's own resolution where undefined.
 * @param find gives the row of an id.
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
  const largest = Math.min(largestZoom * resolution, largestFused)
  if (operatingResolution > resolution && operatingResolution <= largest)
    return { model, operatingResolution }
  throw refuseSide(model.id, resolution, largest, operatingResolution)
}

/** Whether a model runs at this resolution in one look. */
export function isNative({ resolution }: Pick<Model, 'resolution'>, side: number): boolean {
  return typeof resolution === 'number' ? side === resolution : side % resolution.multipleOf === 0
}

function refuseMultiple(id: string, multipleOf: number, side: number): NobgError {
  const nearest = Math.max(1, Math.round(side / multipleOf)) * multipleOf
  return unsupported(`Expected a multiple of ${multipleOf} for ${id}, got ${side}.`, `Try ${nearest}.`)
}

function refuseSide(id: string, least: number, largest: number, side: number): NobgError {
  const tooLarge =
    side > largestFused ? 'It would take too much memory.' : 'Its parts of the picture would be too small.'
  const hint = side < least ? 'A smaller one would cost this model as much.' : tooLarge
  return unsupported(
    `Expected an operatingResolution from ${least} to ${largest} for ${id}, got ${side}.`,
    `${hint} Leave operatingResolution out.`,
  )
}

function unsupported(message: string, hint: string): NobgError {
  return new NobgError('UNSUPPORTED_RESOLUTION', message, { hint })
}

/**
 * The sizes, in px, that the picture is looked at in, ascending. The first is the network's input. Where the operating
 * resolution is higher than a network of fixed size takes in, finer ones follow, the last of them the operating
 * resolution, or the picture's own longer side, beyond which there is nothing to see. They are looked at in tiles of the
 * first one's size.
 */
export function fitInputs(
  model: Pick<Model, 'fit' | 'resolution'>,
  side: number,
  picture: Size,
): [Size, ...Size[]] {
  const own = model.resolution
  if (typeof own !== 'number') return [fitInput(model, side, picture)]
  const finest = Math.min(side, Math.max(own, picture.width, picture.height))
  const steps = Math.ceil(Math.log(finest / own) / Math.log(largestStep))
  const finer = Array.from({ length: steps }, (_, i) => Math.round(own * (finest / own) ** ((i + 1) / steps)))
  return [toSquare(own), ...finer.map(toSquare)]
}

function toSquare(side: number): Size {
  return { width: side, height: side }
}

interface Size {
  width: number
  height: number
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
function fitInput(model: Pick<Model, 'fit' | 'resolution'>, side: number, picture: Size): Size {
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
