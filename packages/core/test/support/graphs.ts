import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { type GraphNode, writeOnnx } from '../../../onnx-optimizer/test/support/onnx.ts'
import type { Model } from '../../src/models/table.ts'

/** Nodes for the mean over the channels: [1, 1, height, width]. */
const mean: GraphNode = {
  op: 'ReduceMean',
  inputs: ['x'],
  outputs: ['mean'],
  attributes: { axes: [1], keepdims: 1 },
}

/** Returns the brightness of the picture: a matte in [0,1] for an input in [0,1]. */
export const brightness = writeOnnx({ nodes: [mean], outputs: { mean: 'float32' } })

/** Brightness in half precision. */
export const halfBrightness = writeOnnx({
  nodes: [mean, { op: 'Cast', inputs: ['mean'], outputs: ['half'], attributes: { to: 10 } }],
  outputs: { half: 'float16' },
})

/** Brightness, its negative, and a sequence. ONNX Runtime's binding cannot return sequences, so a run with all outputs fails. */
export const threeOutputs = writeOnnx({
  nodes: [
    mean,
    { op: 'Neg', inputs: ['mean'], outputs: ['negative'] },
    { op: 'SequenceConstruct', inputs: ['mean'], outputs: ['sequence'] },
  ],
  outputs: { mean: 'float32', negative: 'float32', sequence: 'inferred' },
})

/** Brightness and its negative: a network with an unused output. */
export const twoOutputs = writeOnnx({
  nodes: [mean, { op: 'Neg', inputs: ['mean'], outputs: ['negative'] }],
  outputs: { mean: 'float32', negative: 'float32' },
})

/** Brightness as [1, height, width], without the channel. */
export const flatBrightness = writeOnnx({
  nodes: [{ ...mean, attributes: { axes: [1], keepdims: 0 } }],
  outputs: { mean: 'float32' },
})

/** The input itself, three channels: no matte. */
export const threeChannels = writeOnnx({
  nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['same'] }],
  outputs: { same: 'float32' },
})

/** Brightness as whole numbers: no matte. */
export const wholeNumbers = writeOnnx({
  nodes: [mean, { op: 'Cast', inputs: ['mean'], outputs: ['whole'], attributes: { to: 7 } }],
  outputs: { whole: 'int64' },
})

/** A graph with an input of bytes. */
export const wantsBytes = writeOnnx({
  inputType: 'uint8',
  nodes: [
    { op: 'Cast', inputs: ['x'], outputs: ['floats'], attributes: { to: 1 } },
    { ...mean, inputs: ['floats'] },
  ],
  outputs: { mean: 'float32' },
})

/** Needs more memory than an address space of 47 bits has. The allocation fails at once on every machine. */
export const absurdlyLarge = writeOnnx({
  constants: { shape: { dims: [4], values: BigInt64Array.of(2n ** 30n, 2n ** 20n, 1n, 1n) } },
  nodes: [mean, { op: 'Expand', inputs: ['mean', 'shape'], outputs: ['large'] }],
  outputs: { large: 'float32' },
})

/** Brightness after many blurs. One blur of 256×256 takes some 10 ms of CPU; the sum of its weights is 1. */
export function slowBrightness(blurs: number): Uint8Array {
  const channels = 32
  const spread = (count: number) => new Float32Array(channels * count * 9).fill(1 / (count * 9))
  const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }
  const layer = (index: number): GraphNode => ({
    op: 'Conv',
    inputs: [index ? `blur${index}` : 'x', index ? 'blur' : 'widen'],
    outputs: [`blur${index + 1}`],
    attributes,
  })
  return writeOnnx({
    constants: {
      widen: { dims: [channels, 3, 3, 3], values: spread(3) },
      blur: { dims: [channels, channels, 3, 3], values: spread(channels) },
    },
    nodes: [
      ...Array.from({ length: blurs }, (_, index) => layer(index)),
      { ...mean, inputs: [`blur${blurs}`] },
    ],
    outputs: { mean: 'float32' },
  })
}

/** A model entry for the graphs above: the input is x / 255, and the output is used unchanged. */
export const plainModel: Model = {
  id: 'plain',
  license: 'none',
  urls: [],
  resolution: { default: 64, multipleOf: 1 },
  fit: 'stretch',
  mean: [0, 0, 0],
  std: [1, 1, 1],
  meaning: 'probability',
  minMax: false,
}

/** Writes a graph to disk. @returns its model entry with size and digest */
export async function saveModel(path: string, graph: Uint8Array, row: Partial<Model> = {}): Promise<Model> {
  await writeFile(path, graph)
  const sha256 = createHash('sha256').update(graph).digest('hex')
  return { ...plainModel, ...row, path, bytes: graph.byteLength, sha256 }
}
