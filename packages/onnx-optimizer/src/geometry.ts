import type { SampleSize } from './match-gather.ts'
import { expectAttributes, isOp, type Pattern } from './pattern.ts'
import { describeNode, type GraphNode } from './read-node.ts'
import { refuse } from './refusal.ts'
import { countElements } from './values.ts'

type Pair = [height: number, width: number]

/** How a kernel moves over a picture: the attributes of DeformConv. */
export interface Geometry {
  kernel: Pair
  strides: Pair
  dilations: Pair
  /** top, left, bottom, right, px */
  pads: number[]
}

interface Picture {
  name: string
  height: number
  width: number
}

/**
 * Reads the geometry from the convolution that computes the offsets, and checks that it gives the output's size.
 *
 * @param reader the Reshape that reads the offsets
 */
export function matchGeometry(
  pattern: Pattern,
  reader: GraphNode,
  kernel: Pair,
  picture: Picture,
  size: SampleSize,
): Geometry {
  const conv = pattern.values.writer(reader.inputs[0])
  if (!isOp(conv, 'Conv')) refuse(`${describeNode(reader)} reads offsets that no Conv writes`)
  const read = (name: string, neutral: number[]) => conv.attributes.get(name)?.numbers ?? neutral
  const strides = read('strides', [1, 1]) as Pair
  const dilations = read('dilations', [1, 1]) as Pair
  const [top, left] = read('pads', [0, 0, 0, 0])
  const geometry: Geometry = { kernel, strides, dilations, pads: [top, left, top, left] }
  expectConv(pattern, conv, geometry, picture.name, 2 * size.points, size)
  const sides = [picture.height, picture.width].map((side, axis) => {
    const reach = dilations[axis] * (kernel[axis] - 1) + 1
    return Math.floor((side + 2 * geometry.pads[axis] - reach) / strides[axis]) + 1
  })
  if (sides[0] !== size.height || sides[1] !== size.width) {
    refuse(
      `${describeNode(conv)} gives ${sides[1]}×${sides[0]} offsets; expected ${size.width}×${size.height}`,
    )
  }
  return geometry
}

/**
 * Follows the modulator up to its convolution, through nodes that keep the shape. Those nodes (a sigmoid, times two) stay
 * in the graph.
 *
 * @param reader the Reshape that reads the modulator
 */
export function matchModulator(
  pattern: Pattern,
  reader: GraphNode,
  geometry: Geometry,
  picture: string,
  size: SampleSize,
): void {
  let node = pattern.values.writer(reader.inputs[0])
  while (isOp(node, 'Sigmoid') || isOp(node, 'Mul')) node = pattern.values.writer(findFactor(pattern, node))
  if (!isOp(node, 'Conv')) refuse(`${describeNode(reader)} reads a modulator that no Conv writes`)
  expectConv(pattern, node, geometry, picture, size.points, size)
}

/** Returns the input that decides the shape: of a product, the factor that is no scalar. '' if there is none. */
function findFactor(pattern: Pattern, { op, inputs }: GraphNode): string {
  if (op === 'Sigmoid') return inputs[0]
  const factors = inputs.filter(name => !isLoneNumber(pattern, name))
  return factors.length === 1 ? factors[0] : ''
}

function isLoneNumber(pattern: Pattern, name: string): boolean {
  const tensor = pattern.values.constant(name)
  return tensor !== undefined && countElements(tensor) === 1 && tensor.dims.length <= 4
}

/** @throws {Refusal} unless a Conv reads the picture with this geometry and has this number of outputs */
function expectConv(
  pattern: Pattern,
  conv: GraphNode,
  { kernel, strides, dilations, pads }: Geometry,
  picture: string,
  outputs: number,
  { channels }: SampleSize,
): void {
  pattern.expectName(conv, 0, picture)
  const { dims } = pattern.constant(conv, 1)
  if (`${dims}` !== `${[outputs, channels, ...kernel]}`) {
    refuse(
      `${describeNode(conv)} has weights of the shape [${dims}]; expected [${[outputs, channels, ...kernel]}]`,
    )
  }
  const neutral = { group: [1], auto_pad: 'NOTSET', kernel_shape: kernel }
  expectAttributes(conv, {}, { ...neutral, strides, dilations, pads })
  const steps = [...strides, ...dilations]
  if (steps.length !== 4 || !steps.every(step => step > 0) || !pads.every(side => side >= 0)) {
    refuse(`${describeNode(conv)} has strides [${strides}], dilations [${dilations}], pads [${pads}]`)
  }
}
