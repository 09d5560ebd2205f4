import type { GraphBuilder, Shape } from './graph-builder.ts'

/** A deformable convolution with torchvision's parameters. */
export interface DeformConvLayer {
  /** [height, width] of the kernel. */
  kernel: [number, number]
  strides?: [number, number]
  /** In px, on each side. */
  pads?: [number, number]
  dilations?: [number, number]
  bias?: boolean
  /** Whether there is a modulator (the mask of DCN v2). */
  modulated?: boolean
  gather?: 'GatherND' | 'GatherElements'
  /** The exporter's workaround for OpenVINO: one more Reshape after each GatherND. */
  openvino?: boolean
  /** Channels of the output. */
  channels?: number
  /** Approximate maximum of the offsets in px. */
  reach?: number
}

/**
 * Adds a decomposed deformable convolution with the same nodes as `deform_conv2d_onnx_exporter` writes for BiRefNet, which
 * predicts offsets and modulator from the same picture.
 *
 * @param x the picture, [batch, channels, height, width]
 * @returns the output and its shape
 * @see https://github.com/masamitsu-murase/deform_conv2d_onnx_exporter
 */
export function addDeformConv(graph: GraphBuilder, x: string, input: Shape, layer: DeformConvLayer) {
  const { kernel, strides = [1, 1], pads = [0, 0], dilations = [1, 1], channels = 3, reach = 2 } = layer
  const [batch, inputChannels, ...sides] = input
  const points = product(kernel)
  const [height, width] = [0, 1].map(
    axis =>
      Math.floor((sides[axis] + 2 * pads[axis] - dilations[axis] * (kernel[axis] - 1) - 1) / strides[axis]) +
      1,
  )
  const attributes = { dilations, group: 1, kernel_shape: kernel, pads: [...pads, ...pads], strides }
  const predict = (outputs: number, spread: number) =>
    graph.add(
      'Conv',
      [
        x,
        graph.weights([outputs, inputChannels, ...kernel], spread / points),
        graph.weights([outputs], spread),
      ],
      { ...attributes },
    )
  const offsets = predict(2 * points, reach)
  const twice = layer.modulated === false ? '' : graph.add('Sigmoid', [predict(points, 1)])
  const modulator = twice && graph.add('Mul', [twice, graph.floats([], Float32Array.of(2))])
  const size = { batch, inputChannels, points, height, width }
  const sum = addSampling(graph, x, offsets, { ...layer, strides, pads, dilations }, { ...size, sides })
  const shaped = modulator && graph.reshape(modulator, [batch, 1, 1, points, height, width])
  const spread = graph.reshape(modulator ? graph.add('Mul', [sum, shaped]) : sum, [
    batch,
    inputChannels,
    ...kernel,
    height,
    width,
  ])
  const turned = graph.add('Transpose', [spread], { perm: [0, 1, 4, 2, 5, 3] })
  const columns = graph.reshape(turned, [batch, inputChannels, height * kernel[0], width * kernel[1]])
  const weights = graph.weights([channels, inputChannels, ...kernel], 1 / points)
  const conv = graph.add('Conv', [columns, weights], { group: 1, kernel_shape: kernel, strides: kernel })
  const bias = layer.bias
    ? graph.weights([1, channels, 1, 1], 1)
    : graph.floats([1, channels, 1, 1], new Float32Array(channels))
  return { output: graph.add('Add', [conv, bias]), shape: [batch, channels, height, width] as Shape }
}

interface Sampling {
  batch: number
  inputChannels: number
  points: number
  height: number
  width: number
  /** Sides of the picture, in px. */
  sides: number[]
}

/** Adds bilinear sampling at the offsets. @returns [batch, 1, channels, points, height, width] */
function addSampling(
  graph: GraphBuilder,
  x: string,
  offsets: string,
  layer: DeformConvLayer,
  size: Sampling,
): string {
  const { batch, inputChannels, points, height, width } = size
  const margins = layer.pads!.map(pad => pad || 1)
  const padded = size.sides.map((side, axis) => side + 2 * margins[axis])
  const shaped = graph.reshape(offsets, [batch, 1, points, 2, height, width])
  const position = graph.add('Add', [
    graph.floats([1, 1, points, 2, height, width], makeGrid(layer, size)),
    shaped,
  ])
  const floor = graph.add('Floor', [position])
  const slice = (value: string, axis: number) =>
    graph.add('Slice', [value, graph.whole([axis]), graph.whole([axis + 1]), graph.whole([3])])
  const whole = graph.add('Cast', [floor], { to: 7 })
  const first = [slice(whole, 0), slice(whole, 1)]
  const second = first.map(index => graph.add('Add', [index, graph.whole(1)]))
  const clip = (index: string, axis: number) =>
    graph.add('Clip', [index, graph.whole(0), graph.whole(padded[axis] - 1)])
  const indices = [first.map(clip), second.map(clip)]
  const difference = graph.add('Sub', [position, floor])
  const near = [slice(difference, 0), slice(difference, 1)]
  const far = near.map(distance => graph.add('Sub', [graph.floats([], Float32Array.of(1)), distance]))
  const nearness = [far, near]
  const corners = [
    [0, 0],
    [1, 1],
    [1, 0],
    [0, 1],
  ]
  const weights = corners
    .map(([row, column]) => graph.add('Mul', [nearness[column][1], nearness[row][0]]))
    .map(weight => graph.reshape(weight, [batch, 1, 1, points, height, width]))
  const pad = graph.add('Pad', [x, graph.whole([0, 0, ...margins, 0, 0, ...margins])], { mode: 'constant' })
  const image = graph.reshape(pad, [batch, 1, inputChannels, ...padded])
  const add = layer.gather === 'GatherElements' ? addGatherElements : addGatherND
  const values = corners
    .map(([row, column]) => add(graph, image, indices[row][0], indices[column][1], size, padded, layer))
    .map(value => graph.reshape(value, [batch, 1, inputChannels, points, height, width]))
  return graph.add(
    'Sum',
    values.map((value, index) => graph.add('Mul', [weights[index], value])),
  )
}

function addGatherND(
  graph: GraphBuilder,
  image: string,
  row: string,
  column: string,
  { batch, inputChannels, points, height, width }: Sampling,
  _padded: number[],
  { openvino }: DeformConvLayer,
): string {
  const samples = points * height * width
  const index = graph.add(
    'Concat',
    [row, column].map(part => graph.reshape(part, [batch, 1, samples, 1])),
    { axis: 3 },
  )
  const last = graph.add('Transpose', [image], { perm: [0, 1, 3, 4, 2] })
  const gathered = graph.add('GatherND', [last, index], { batch_dims: 2 })
  const said = openvino ? graph.reshape(gathered, [batch, 1, samples, inputChannels]) : gathered
  return graph.add('Transpose', [said], { perm: [0, 1, 3, 2] })
}

function addGatherElements(
  graph: GraphBuilder,
  image: string,
  row: string,
  column: string,
  { batch, inputChannels, points, height, width }: Sampling,
  padded: number[],
): string {
  const samples = points * height * width
  const [rows, columns] = [row, column].map(part => graph.reshape(part, [batch, 1, 1, samples]))
  const index = graph.add('Add', [graph.add('Mul', [rows, graph.whole(padded[1])]), columns])
  const expanded = graph.add('Expand', [index, graph.whole([batch, 1, inputChannels, samples])])
  const flat = graph.reshape(image, [batch, 1, inputChannels, product(padded)])
  return graph.add('GatherElements', [flat, expanded], { axis: 3 })
}

/** Returns the positions of the kernel's points in the padded picture: [1, 1, points, 2, height, width]. */
function makeGrid(
  { kernel, strides, pads, dilations }: DeformConvLayer,
  { points, height, width }: Sampling,
): Float32Array {
  const grid = new Float32Array(points * 2 * height * width)
  let index = 0
  for (let point = 0; point < points; point++) {
    const within = [Math.floor(point / kernel[1]), point % kernel[1]]
    for (const axis of [0, 1]) {
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          const start = pads![axis] ? 0 : 1
          grid[index++] = start + within[axis] * dilations![axis] + [row, column][axis] * strides![axis]
        }
      }
    }
  }
  return grid
}

function product(sizes: number[]): number {
  return sizes.reduce((total, size) => total * size, 1)
}
