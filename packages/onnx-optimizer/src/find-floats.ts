import type { OnnxGraph } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import { elementTypes } from './read-tensor.ts'

/** Operators whose first result has the type of their first input. */
const typeKeeping = new Set(
  `Abs Add AveragePool BatchNormalization Ceil Clip Concat Conv ConvTranspose DeformConv DepthToSpace Div Dropout Elu
  Erf Exp Expand Flatten Floor Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool
  GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization LayerNormalization LeakyRelu Log LogSoftmax
  MatMul Max MaxPool Mean Min Mul Neg PRelu Pad Pow Reciprocal ReduceMax ReduceMean ReduceMin ReduceSum Relu Reshape Resize
  Round ScatterElements ScatterND Sigmoid Slice Softmax Softplus SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh Tile
  Transpose Unsqueeze`.split(/\s+/),
)

/** Finds the values that are known to be float16 or float32. Values of operators that are not in the list are unknown. */
export function findFloats({ nodes, initializers, types }: OnnxGraph): Set<string> {
  const floats = new Set<string>()
  for (const [name, type] of types) if (isFloat(type)) floats.add(name)
  for (const { name, type } of initializers.values()) if (isFloat(type)) floats.add(name)
  for (const node of nodes) {
    if (!isFloat(typeOf(node)) && !keepsFloat(node, floats)) continue
    for (const name of node.op === 'Split' ? node.outputs : node.outputs.slice(0, 1)) floats.add(name)
  }
  return floats
}

/** Returns the type that a node itself gives its result, if it does. */
function typeOf({ op, attributes }: GraphNode): number | undefined {
  if (op === 'Cast') return attributes.get('to')?.numbers[0]
  return op === 'Constant' || op === 'ConstantOfShape' ? attributes.get('value')?.tensor?.type : undefined
}

function keepsFloat({ op, inputs }: GraphNode, floats: Set<string>): boolean {
  if (op === 'Where') return floats.has(inputs[1])
  return typeKeeping.has(op) && floats.has(inputs[0])
}

function isFloat(type: number | undefined): boolean {
  return type === elementTypes.float16 || type === elementTypes.float32
}
