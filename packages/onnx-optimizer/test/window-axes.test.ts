import { expect, test } from 'vitest'
import type { GraphNode } from '../src/read-node.ts'
import { type WindowValue, windowRules } from '../src/window-axes.ts'

/** A node that reads values of these shapes. */
function apply(
  op: string,
  inputs: WindowValue[],
  result: number[],
  attributes: Record<string, number[]> = {},
) {
  const entries = Object.entries(attributes).map(([name, numbers]) => [name, { numbers }] as const)
  const node = { op, attributes: new Map(entries) } as unknown as GraphNode
  return windowRules[op](node, inputs, result)
}

const value = (dims: number[], axis?: number): WindowValue => ({ dims, axis })

/** Two inputs, the shape of the result, and the axis of its windows; undefined: they are not separate. */
const products: [string, WindowValue, WindowValue, number[], number | undefined][] = [
  ['rows by a matrix', value([7, 5, 8], 0), value([8, 9]), [7, 5, 9], 0],
  ['one row of each window', value([7, 8], 0), value([8, 9]), [7, 9], 0],
  ['matrices by matrices', value([7, 2, 5, 8], 0), value([7, 2, 8, 5], 0), [7, 2, 5, 5], 0],
  ['a sum over the windows', value([5, 7], 1), value([7, 9]), [5, 9], undefined],
  ['matrices for all windows', value([7, 5, 8], 0), value([7, 8, 5]), [7, 5, 5], undefined],
  ['windows on the right', value([5, 8]), value([7, 8, 5], 0), [7, 5, 5], undefined],
  ['windows at different axes', value([7, 7, 5, 8], 0), value([7, 7, 8, 5], 1), [7, 7, 5, 5], undefined],
  ['windows of fewer axes', value([7, 7, 5, 8], 0), value([7, 8, 5], 0), [7, 7, 5, 5], undefined],
  ['each window by each', value([7, 8], 0), value([8, 7], 1), [7, 7], undefined],
  ['a sum over the windows of both', value([2, 7, 7], 1), value([2, 7, 9], 1), [2, 7, 9], undefined],
]

test.each(products)('MatMul: %s', (_, one, other, result, axis) => {
  expect(apply('MatMul', [one, other], result)?.axis).toBe(axis)
})

/** Two inputs, the shape of the result, and what is found. */
const sums: [string, WindowValue, WindowValue, number[], ReturnType<typeof apply>][] = [
  ['one number', value([7, 5, 8], 0), value([]), [7, 5, 8], { axis: 0, sliced: new Map() }],
  [
    'numbers for all windows',
    value([7, 5, 8], 0),
    value([1, 5, 8]),
    [7, 5, 8],
    { axis: 0, sliced: new Map() },
  ],
  [
    'numbers of each window',
    value([1, 7, 5, 8], 1),
    value([7, 1, 8]),
    [1, 7, 5, 8],
    { axis: 1, sliced: new Map([[1, 0]]) },
  ],
  ['windows on the right', value([7, 1]), value([7, 8], 0), [7, 8], { axis: 0, sliced: new Map([[0, 0]]) }],
  ['windows of fewer axes', value([2, 1, 8]), value([7, 8], 0), [2, 7, 8], { axis: 1, sliced: new Map() }],
  ['the same windows', value([7, 8], 0), value([1, 7, 8], 1), [1, 7, 8], { axis: 1, sliced: new Map() }],
  ['windows at two axes', value([7, 7], 0), value([7, 7], 1), [7, 7], undefined],
  ['each window with each', value([7, 1], 0), value([1, 7], 1), [7, 7], undefined],
]

test.each(sums)('Add: %s', (_, one, other, result, expected) => {
  expect(apply('Add', [one, other], result)).toEqual(expected)
})

test.each<[string, number[], number, number[], number | undefined]>([
  ['an axis before the windows', [7, 5], 0, [1, 7, 5], 1],
  ['a window in two axes', [7, 10], 0, [7, 2, 5], 0],
  ['windows that are joined with others', [7, 5], 0, [35], undefined],
  ['another axis of the same size', [7, 2, 7], 0, [2, 7, 7], undefined],
  ['windows in two axes', [6, 5], 0, [2, 3, 5], undefined],
])('Reshape: %s', (_, dims, axis, result, expected) => {
  expect(apply('Reshape', [value(dims, axis), value([result.length])], result)?.axis).toBe(expected)
})

test('Reshape: sizes that depend on the windows', () => {
  expect(apply('Reshape', [value([7, 5], 0), value([7], 0)], [7, 5])).toBe(undefined)
})

test.each<[number[] | undefined, number]>([
  [[2, 0, 1], 1],
  [[0, 2, 1], 0],
  [undefined, 2],
])('Transpose: axes %s', (perm, axis) => {
  expect(apply('Transpose', [value([7, 5, 8], 0)], [], perm && { perm })).toEqual({ axis })
})

test.each<[number | undefined, number | undefined]>([
  [2, 0],
  [-1, 0],
  [undefined, 0],
  [0, undefined],
  [-3, undefined],
])('Softmax: axis %s', (given, axis) => {
  const attributes = given === undefined ? undefined : { axis: [given] }
  expect(apply('Softmax', [value([7, 5, 8], 0)], [7, 5, 8], attributes)?.axis).toBe(axis)
})
