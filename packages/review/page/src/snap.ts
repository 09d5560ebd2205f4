import { applyMatte, shrinkMatte } from '@nobg/core/matting'

/** The part of a stroke and of its photograph that snaps. All arrays have the same width and height. */
export interface SnapInput {
  /** The photograph: uint8, [height, width, 4]. */
  colors: Uint8Array
  /** Effect of the stroke: uint8, [height, width]. */
  effect: Uint8ClampedArray
  /** 1 near the middle of the stroke, which is always changed: uint8, [height, width]. */
  core: Uint8Array
  width: number
  height: number
  /** Distance from the core to the rim of the stroke, px. */
  reach: number
}

/** Color difference that stops a stroke of any size, levels. */
const STOP_LEVELS = 24
/** Color difference that counts as noise or shading, levels. */
const NOISE_LEVELS = 12
/** Sweeps over the picture in both directions; with two, a path may turn back once. */
const SWEEPS = 2
const DIAGONAL = Math.SQRT2

/**
 * Ends a stroke at the edges of objects in the photograph. A pixel keeps its effect if a path leads to it from the middle of the stroke
 * that is not longer than the stroke's radius, where the greatest change of color on the path makes it longer.
 * The guided filter that enlarges mattes then places the rim within the pixels of the edge.
 *
 * @returns the new effect: uint8, [height, width]; at most the given one, except for the width of an edge
 */
export function snapToEdges(input: SnapInput): Uint8ClampedArray {
  const { effect, width, height, reach } = input
  const distances = measureDistances(input)
  const reached = new Uint8Array(effect.length)
  for (let i = 0; i < reached.length; i++) {
    // Without edges the whole stroke is reached: the last fifth of the way is soft.
    const share = Math.min(1, Math.max(0, (1.2 * reach - distances[i]) / (0.2 * reach)))
    reached[i] = effect[i] * share
  }
  const reduction = Math.min(4, Math.max(2, reach / 8))
  const small = shrinkMatte(
    { data: reached, width, height },
    Math.max(1, Math.round(width / reduction)),
    Math.max(1, Math.round(height / reduction)),
  )
  const snapped = applyMatte({ data: input.colors, width, height, channels: 4 }, small, 'guided').data
  return Uint8ClampedArray.from(effect, (_, i) => snapped[4 * i + 3])
}

/** Length of the best path from the core to each pixel, px: float32, [height, width]. */
function measureDistances({ colors, core, width, height, reach }: SnapInput): Float32Array {
  const distances = new Float32Array(width * height)
  const lengths = new Float32Array(width * height)
  /** Greatest difference from the color at the start of the path, levels. */
  const deviations = new Float32Array(width * height)
  /** Start of the path: an index. */
  const starts = new Int32Array(width * height)
  for (let i = 0; i < distances.length; i++) {
    distances[i] = core[i] ? 0 : Number.POSITIVE_INFINITY
    starts[i] = i
  }
  const pixelsPerLevel = reach / STOP_LEVELS

  function reachFrom(i: number, neighbor: number, step: number): void {
    const length = lengths[neighbor] + step
    const passed = deviations[neighbor]
    if (distances[neighbor] + step >= distances[i]) return
    const [from, to] = [4 * starts[neighbor], 4 * i]
    const red = colors[from] - colors[to]
    const green = colors[from + 1] - colors[to + 1]
    const blue = colors[from + 2] - colors[to + 2]
    const levels = Math.sqrt((red * red + green * green + blue * blue) / 3) - NOISE_LEVELS
    const deviation = Math.max(levels, passed)
    const distance = length + deviation * pixelsPerLevel
    if (distance >= distances[i]) return
    distances[i] = distance
    lengths[i] = length
    deviations[i] = deviation
    starts[i] = starts[neighbor]
  }

  /** @param sign 1: from the neighbors above and on the left, from the first pixel on; −1: the opposite */
  function sweep(sign: 1 | -1): void {
    const first = sign === 1 ? 0 : width * height - 1
    for (let count = 0, i = first; count < width * height; count++, i += sign) {
      const column = sign === 1 ? i % width : width - 1 - (i % width)
      const isFirstRow = count < width
      if (column > 0) reachFrom(i, i - sign, 1)
      if (isFirstRow) continue
      reachFrom(i, i - sign * width, 1)
      if (column > 0) reachFrom(i, i - sign * (width + 1), DIAGONAL)
      if (column < width - 1) reachFrom(i, i - sign * (width - 1), DIAGONAL)
    }
  }

  for (let round = 0; round < SWEEPS; round++) {
    sweep(1)
    sweep(-1)
  }
  return distances
}
