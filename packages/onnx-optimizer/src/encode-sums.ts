import { encodeNode } from './encode-node.ts'

/**
 * Encodes the sum of the values `result` of all parts: one Add for each part after the first. Their place in the file decides
 * the memory: of the inputs of a node, ONNX Runtime computes the one whose node is last in the file first.
 *
 * @param output name of the sum
 * @param name returns the name of a part's new value
 */
export function encodeSums(
  output: string,
  name: (value: string, part: number) => string,
  count: number,
): Buffer[] {
  return Array.from({ length: count - 1 }, (_, before) => {
    const part = before + 1
    return encodeNode({
      op: 'Add',
      name: name('Add', part),
      inputs: [name('result', part), part === 1 ? name('result', 0) : name('sum', before)],
      outputs: [part === count - 1 ? output : name('sum', part)],
    })
  })
}
