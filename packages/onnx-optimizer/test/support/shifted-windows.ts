import type { GraphBuilder } from './graph-builder.ts'

/** Windows of a transformer's block as Swin has them. */
export interface WindowLayout {
  /** Rows and columns of positions: scalars. */
  height: string
  width: string
  channels: number
  /** Side of a window. */
  side: number
  /** Positions by which the windows are shifted; 0: none. */
  shift: number
}

/**
 * Adds the nodes that PyTorch exports for padding, roll and division into windows. All sizes are computed in the graph.
 *
 * @param x [1, height · width, channels]
 * @returns the windows [count, side², channels], and height and width with the padding
 */
export function addWindows(graph: GraphBuilder, x: string, layout: WindowLayout) {
  const { height, width, channels, side, shift } = layout
  const shaped = graph.add('Reshape', [x, addList(graph, [1, height, width, channels])])
  const padded = graph.add('Pad', [shaped, addPads(graph, layout), ''], { mode: 'constant' })
  const [rows, columns] = [1, 2].map(axis => addSize(graph, padded, axis))
  const rolled = addRolls(graph, padded, shift)
  const count = (size: string) => graph.add('Cast', [graph.add('Div', [size, graph.whole(side)])], { to: 7 })
  const [batch, rest] = [0, 3].map(axis => addSize(graph, rolled, axis))
  const sizes = [batch, count(rows), side, count(columns), side, rest]
  const divided = graph.add('Reshape', [rolled, addList(graph, sizes)])
  const turned = graph.add('Transpose', [divided], { perm: [0, 1, 3, 2, 4, 5] })
  const squares = graph.add('Reshape', [turned, addList(graph, [-1, side, side, rest])])
  return { windows: graph.reshape(squares, [-1, side * side, channels]), rows, columns }
}

/**
 * Adds the nodes for the way back.
 *
 * @param windows [count, side², channels]
 * @param rows height with the padding, and `columns` the width: scalars
 * @returns [1, height · width, channels]
 */
export function addPositions(
  graph: GraphBuilder,
  { windows, rows, columns }: { windows: string; rows: string; columns: string },
  { height, width, channels, side, shift }: WindowLayout,
): string {
  const squares = graph.reshape(windows, [-1, side, side, channels])
  const count = (size: string) => graph.add('Div', [size, graph.whole(side)])
  const divided = graph.add('Reshape', [
    squares,
    addList(graph, [1, count(rows), count(columns), side, side, -1]),
  ])
  const turned = graph.add('Transpose', [divided], { perm: [0, 1, 3, 2, 4, 5] })
  const joined = graph.add('Reshape', [turned, addList(graph, [1, rows, columns, -1])])
  const rolled = addRolls(graph, joined, -shift)
  const cut = [height, width].reduce(
    (value, size, axis) =>
      graph.add('Slice', [
        value,
        graph.whole([0]),
        addList(graph, [size]),
        graph.whole([axis + 1]),
        graph.whole([1]),
      ]),
    rolled,
  )
  const area = graph.add('Mul', [height, width])
  return graph.add('Reshape', [cut, addList(graph, [1, area, channels])])
}

/** Rolls rows and columns of [1, height, width, channels] to the front, or to the back if `shift` is negative. */
function addRolls(graph: GraphBuilder, x: string, shift: number): string {
  const end = { dims: [1], values: BigInt64Array.of(2n ** 63n - 1n) }
  const roll = (value: string, axis: number) => {
    const axes = graph.whole([axis])
    const later = [value, graph.whole([shift]), graph.add('Constant', [], { value: end }), axes]
    const earlier = [value, graph.whole([0]), graph.whole([shift]), axes]
    return graph.add('Concat', [graph.add('Slice', later), graph.add('Slice', earlier)], { axis })
  }
  return shift === 0 ? x : [1, 2].reduce(roll, x)
}

/** Adds the pads that make rows and columns a multiple of a window's side: the list is reversed pair by pair. */
function addPads(graph: GraphBuilder, { height, width, side }: WindowLayout): string {
  const window = graph.whole(side)
  const [bottom, right] = [height, width].map(size => {
    const rest = graph.add('Sub', [window, graph.add('Mod', [size, window], { fmod: 0 })])
    return graph.add('Mod', [rest, window], { fmod: 0 })
  })
  const pairs = addList(graph, [0, 0, 0, right, 0, bottom])
  const length = graph.add('Gather', [graph.add('Shape', [pairs]), graph.whole([0])], { axis: 0 })
  const missing = graph.add('ConstantOfShape', [graph.add('Sub', [graph.whole(8), length])], {
    value: { dims: [1], values: BigInt64Array.of(0n) },
  })
  const all = graph.add('Concat', [graph.add('Cast', [pairs], { to: 7 }), missing], { axis: 0 })
  const table = graph.reshape(all, [-1, 2])
  const reversed = graph.add('Slice', [
    table,
    graph.whole([-1]),
    graph.add('Constant', [], { value: { dims: [1], values: BigInt64Array.of(1n - 2n ** 63n) } }),
    graph.whole([0]),
    graph.whole([-1]),
  ])
  const turned = graph.add('Transpose', [reversed], { perm: [1, 0] })
  return graph.add('Cast', [graph.reshape(turned, [-1])], { to: 7 })
}

/** Adds the size of a value along an axis: a scalar. */
export function addSize(graph: GraphBuilder, x: string, axis: number): string {
  return graph.add('Gather', [graph.add('Shape', [x]), graph.whole(axis)], { axis: 0 })
}

/** Joins scalars to a list. */
export function addList(graph: GraphBuilder, sizes: (number | string)[]): string {
  const parts = sizes.map(size =>
    typeof size === 'number' ? graph.whole([size]) : graph.add('Unsqueeze', [size, graph.whole([0])]),
  )
  return graph.add('Concat', parts, { axis: 0 })
}
