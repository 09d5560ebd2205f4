import { isUint8Array, isUint8ClampedArray } from 'node:util/types'
import { NobgError } from '../shared/errors.ts'
import type { Raster, RasterInput } from '../shared/types.ts'
import { refusePixels } from './limits.ts'

/** Whether an object has the fields of decoded pixels. {@link checkRaster} validates them. */
export function isRasterInput(input: object): input is RasterInput {
  return 'data' in input && 'width' in input && 'height' in input
}

/** @throws {NobgError} INVALID_SOURCE if a field is invalid, or if array and shape do not match */
export function checkRaster({ data, width, height, channels }: RasterInput): void {
  if (!isUint8Array(data) && !isUint8ClampedArray(data)) throw notPixels('data', 'a Uint8Array', data)
  if (!isCount(width)) throw notPixels('width', 'a whole number of px', width)
  if (!isCount(height)) throw notPixels('height', 'a whole number of px', height)
  if (!isCount(channels) || channels > 4) throw notPixels('channels', '1, 2, 3 or 4', channels)
  const expected = width * height * channels
  if (data.length === expected) return
  throw notPixels('data', `${width} × ${height} × ${channels} = ${expected} bytes`, data.length)
}

/**
 * Converts checked pixels to a raster: uint8, [height, width, 4]. Gray becomes RGB; without alpha it is 255. Pixels of
 * four channels are not copied.
 *
 * @throws {NobgError} TOO_MANY_PIXELS
 */
export function widenRaster(data: Uint8Array, shape: Omit<RasterInput, 'data'>, maxPixels?: number): Raster {
  refusePixels(shape, maxPixels)
  const { width, height, channels } = shape
  return { data: channels === 4 ? data : widenChannels(data, channels), width, height, channels: 4 }
}

function widenChannels(data: Uint8Array, channels: 1 | 2 | 3): Uint8Array {
  const widened = new Uint8Array((data.length / channels) * 4)
  const [green, blue] = channels === 3 ? [1, 2] : [0, 0]
  for (let from = 0, to = 0; from < data.length; from += channels, to += 4) {
    widened[to] = data[from]
    widened[to + 1] = data[from + green]
    widened[to + 2] = data[from + blue]
    widened[to + 3] = channels === 2 ? data[from + 1] : 255
  }
  return widened
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0
}

function notPixels(field: string, expected: string, received: unknown): NobgError {
  const got = typeof received === 'number' ? received : `a value of type ${typeof received}`
  return new NobgError('INVALID_SOURCE', `Decoded pixels: expected ${expected} as ${field}, got ${got}.`, {
    hint: 'Give { data, width, height, channels }: 8-bit sRGB, row by row, channels interleaved.',
  })
}
