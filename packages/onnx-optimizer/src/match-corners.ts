import { matchGather, type SampleSize } from './match-gather.ts'
import type { Pattern } from './pattern.ts'
import type { GraphNode } from './read-node.ts'

/** The sources of the four corners. */
interface Corners {
  /** The Reshape to [batch, 1, channels, height, width] of the padded picture. */
  padded: GraphNode
  /** The positions (y, x) in the padded picture, float32, [batch, 1, points, 2, height, width]: a value. */
  position: string
}

/** Top left, bottom right, bottom left, top right, in the exporter's order; 1 is the second of two rows or columns. */
const corners = [
  [0, 0],
  [1, 1],
  [1, 0],
  [0, 1],
]

/**
 * Matches decomposed bilinear sampling: the sum of four corners, each times its weight, which is the product of the
 * weights in x and in y.
 *
 * ```
 * position ┬► Floor ┬► Cast ┬► Slice y ┬──────► Clip ► top ───┐
 *          │        │       │          └► + 1 ► Clip ► bottom ┤
 *          │        │       └► Slice x ┬──────► Clip ► left ──┼► four pairs ► gather (see `matchGather`) ┐
 *          │        │                  └► + 1 ► Clip ► right ─┘                                          ▼
 *          │        ▼                                                                              four Mul ► Sum
 *          └──────► Sub ┬► Slice y ┬► near bottom                                                        ▲
 *                       │          └► 1 − it: near top ───────┐                                          │
 *                       └► Slice x ┬► near right              ├► four Mul ► Reshape ─────────────────────┘
 *                                  └► 1 − it: near left ──────┘
 * ```
 *
 * @throws {Refusal} if a node differs
 */
export function matchCorners(pattern: Pattern, sum: GraphNode, size: SampleSize): Corners {
  const { batch, points, height, width } = size
  const agreed = new Map<string, string>()
  const agree = (reader: GraphNode, index: number, key: string) => {
    if (!agreed.has(key)) agreed.set(key, pattern.name(reader, index))
    pattern.expectName(reader, index, agreed.get(key)!)
  }
  for (const [index, [y, x]] of corners.entries()) {
    const product = pattern.source(sum, index, 'Mul')
    const shaped = pattern.source(product, 0, 'Reshape')
    pattern.expectNumbers(shaped, 1, [batch, 1, 1, points, height, width])
    const weight = pattern.source(shaped, 0, 'Mul')
    agree(weight, 0, `weight x${x}`)
    agree(weight, 1, `weight y${y}`)
    const gather = matchGather(pattern, product, size)
    agree(gather.image, 0, 'image')
    agree(gather.rows, 0, `y${y}`)
    agree(gather.columns, 0, `x${x}`)
  }
  const padded = pattern.writer(agreed.get('image')!, sum, 'Reshape')
  return { padded, position: matchPosition(pattern, sum, agreed, pattern.numbers(padded, 1).slice(3)) }
}

/** Matches from the agreed values up to their common source, the position. @param image height and width, px */
function matchPosition(
  pattern: Pattern,
  sum: GraphNode,
  agreed: Map<string, string>,
  image: number[],
): string {
  const value = (key: string) => agreed.get(key)!
  const near = ['y', 'x'].map(axis => pattern.writer(value(`weight ${axis}1`), sum, 'Slice'))
  const distance = pattern.source(near[0], 0, 'Sub')
  const position = pattern.name(distance, 0)
  const floor = pattern.source(distance, 1, 'Floor')
  pattern.expectName(floor, 0, position)
  for (const [number, axis] of ['y', 'x'].entries()) {
    pattern.expectName(near[number], 0, distance.outputs[0])
    expectPart(pattern, near[number], number)
    const far = pattern.writer(value(`weight ${axis}0`), sum, 'Sub')
    pattern.expectOne(far, 0)
    pattern.expectName(far, 1, near[number].outputs[0])
    for (const later of [0, 1]) {
      const clip = pattern.writer(value(`${axis}${later}`), sum, 'Clip')
      pattern.expectNumbers(clip, 1, [0])
      pattern.expectNumbers(clip, 2, [image[number] - 1])
      matchIndex(pattern, clip, number, later, floor.outputs[0])
    }
  }
  return position
}

/** Matches a row or column index: the whole part of the position, or that plus 1. */
function matchIndex(pattern: Pattern, clip: GraphNode, number: number, later: number, floor: string): void {
  const next = later ? pattern.source(clip, 0, 'Add') : undefined
  if (next) pattern.expectNumbers(next, 1, [1])
  const part = pattern.source(next ?? clip, 0, 'Slice')
  expectPart(pattern, part, number)
  pattern.expectName(pattern.source(part, 0, 'Cast', { to: [7] }), 0, floor)
}

/** @throws {Refusal} unless a Slice takes y (0) or x (1) of a position */
function expectPart(pattern: Pattern, slice: GraphNode, number: number): void {
  pattern.expectNumbers(slice, 1, [number])
  pattern.expectNumbers(slice, 2, [number + 1])
  pattern.expectNumbers(slice, 3, [3])
}
