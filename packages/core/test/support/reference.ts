import { InferenceSession, Tensor } from 'onnxruntime-node'

/** Three planes R, G and B: float64, [height, width], levels from 0 to 255. */
export type Planes = [Float64Array, Float64Array, Float64Array]

/** Splits uint8, [height, width, channels] into planes. Alpha is ignored. */
interface Picture {
  data: Uint8Array
  width: number
  height: number
  channels: number
}

export function splitPlanes({ data, width, height, channels }: Picture): Planes {
  const split = (channel: number) => {
    const plane = new Float64Array(width * height)
    for (let i = 0; i < plane.length; i++) plane[i] = data[i * channels + channel]
    return plane
  }
  return [split(0), split(1), split(2)]
}

/**
 * Resizes planes to a square like Pillow and torchvision: a triangle filter that is widened by the scale when it shrinks. Uses
 * simple loops on float64.
 *
 * @param round applied to each level after each of the two passes: the identity, or `Math.round` as in bytes.
 */
export function resizePlainly(
  planes: Planes,
  { width, height }: { width: number; height: number },
  side: number,
  round: (level: number) => number,
): Planes {
  return planes.map(plane => {
    const narrow = resizeRows(plane, width, height, side).map(round)
    const turned = resizeRows(transpose(narrow, side, height), height, side, side).map(round)
    return transpose(turned, side, side)
  }) as Planes
}

/** Resizes every row to a new length. */
function resizeRows(plane: Float64Array, width: number, height: number, length: number): Float64Array {
  const scale = width / length
  const reach = Math.max(1, scale)
  const resized = new Float64Array(length * height)
  for (let to = 0; to < length; to++) {
    const center = (to + 0.5) * scale
    const first = Math.max(0, Math.ceil(center - reach - 0.5))
    const last = Math.min(width - 1, Math.floor(center + reach - 0.5))
    let sum = 0
    for (let from = first; from <= last; from++) {
      const weight = Math.max(0, 1 - Math.abs(from + 0.5 - center) / reach)
      sum += weight
      for (let y = 0; y < height; y++) resized[y * length + to] += weight * plane[y * width + from]
    }
    for (let y = 0; y < height; y++) resized[y * length + to] /= sum
  }
  return resized
}

function transpose(plane: Float64Array, width: number, height: number): Float64Array {
  const turned = new Float64Array(plane.length)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) turned[x * height + y] = plane[y * width + x]
  return turned
}

/** Opens a model in this process. Its matte is float64, [side, side], levels from 0 to 255, scaled by min-max. */
export async function openPlainly(
  weights: string,
  { mean, std }: { mean: readonly number[]; std: readonly number[] },
): Promise<(planes: Planes, side: number) => Promise<Float64Array>> {
  const session = await InferenceSession.create(weights)
  const [input, output] = [session.inputNames[0], session.outputNames[0]]
  return async (planes, side) => {
    const values = new Float32Array(3 * side * side)
    for (const [channel, plane] of planes.entries()) {
      const offset = channel * plane.length
      for (let i = 0; i < plane.length; i++)
        values[offset + i] = (plane[i] / 255 - mean[channel]) / std[channel]
    }
    const feeds = { [input]: new Tensor('float32', values, [1, 3, side, side]) }
    const matte = (await session.run(feeds, [output]))[output].data as Float32Array
    let [least, greatest] = [matte[0], matte[0]]
    for (const value of matte) {
      least = Math.min(least, value)
      greatest = Math.max(greatest, value)
    }
    return Float64Array.from(matte, value => ((value - least) / (greatest - least)) * 255)
  }
}
