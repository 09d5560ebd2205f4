import type { GraphBuilder } from './graph-builder.ts'
import { addList, addSize } from './shifted-windows.ts'

/** Heads, and the channels of a head, of the attention that `addHeads` builds. */
export const heads = 2
export const channelsPerHead = 4
const channels = heads * channelsPerHead

/**
 * Adds query, key and value as PyTorch exports Swin's.
 *
 * @param x [windows, positions, channels]
 * @returns three values [windows, heads, positions, channels of a head]
 */
export function addHeads(builder: GraphBuilder, x: string): string[] {
  const sizeOf = (axis: number) => builder.add('Unsqueeze', [addSize(builder, x, axis), builder.whole([0])])
  const product = builder.add('MatMul', [x, builder.weights([channels, 3 * channels], 0.5)])
  const sum = builder.add('Add', [builder.weights([3 * channels], 0.5), product])
  const rest = [3, heads, channelsPerHead].map(size => builder.whole([size]))
  const sizes = builder.add('Concat', [sizeOf(0), sizeOf(1), ...rest], { axis: 0 })
  const turned = builder.add('Transpose', [builder.add('Reshape', [sum, sizes])], { perm: [2, 0, 3, 1, 4] })
  return [0, 1, 2].map(index => builder.add('Gather', [turned, builder.whole(index)], { axis: 0 }))
}

/**
 * Adds the attention of windows as PyTorch exports Swin's.
 *
 * @param x [windows, positions, channels]
 * @param mask [windows, positions, positions]; undefined: windows that are not shifted
 * @returns [windows, heads, positions, channels of a head]
 */
export function addAttention(builder: GraphBuilder, x: string, positions: number, mask?: string): string {
  const [query, key, value] = addHeads(builder, x)
  const scaled = builder.add('Mul', [query, builder.floats([], Float32Array.of(0.5))])
  const product = builder.add('MatMul', [scaled, builder.add('Transpose', [key], { perm: [0, 1, 3, 2] })])
  const sum = builder.add('Add', [product, builder.weights([1, heads, positions, positions], 1)])
  const scores = mask ? addMask(builder, sum, mask, { x, positions }) : sum
  return builder.add('MatMul', [builder.add('Softmax', [scores], { axis: -1 }), value])
}

function addMask(
  builder: GraphBuilder,
  scores: string,
  mask: string,
  { x, positions }: { x: string; positions: number },
): string {
  const count = addSize(builder, mask, 0)
  const batch = builder.add('Div', [addSize(builder, x, 0), count])
  const square = [heads, positions, positions]
  const divided = builder.add('Reshape', [scores, addList(builder, [batch, count, ...square])])
  const wide = builder.add('Unsqueeze', [
    builder.add('Unsqueeze', [mask, builder.whole([1])]),
    builder.whole([0]),
  ])
  return builder.reshape(builder.add('Add', [divided, wide]), [-1, ...square])
}
