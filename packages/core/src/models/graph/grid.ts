import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '../../errors.ts'
import type { DeformConv } from './match-deform-conv.ts'
import { describeNode } from './read-node.ts'
import { elementTypes } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import type { Span } from './wire.ts'

/** How much of a grid is read at once. The largest have 100 MB. */
const chunkBytes = 1 << 20

/**
 * Checks every number of a grid: float32, [1, 1, points, 2, height, width]; row i, column j of a point's plane holds
 * start + i·stride + row of the point·dilation for y, and likewise with j for x.
 *
 * @throws {Refusal} where one differs
 * @throws {NobgError} ABORTED
 */
export async function checkGrid({ grid, geometry }: DeformConv, signal?: AbortSignal): Promise<void> {
  const { tensor, reader, start, size } = grid
  const shape = [1, 1, size.points, 2, size.height, size.width]
  if (tensor.type !== elementTypes.float32 || `${tensor.dims}` !== `${shape}`) {
    refuse(`${describeNode(reader)} adds a grid of the shape [${tensor.dims}] where [${shape}] is expected`)
  }
  const bytes = shape.reduce((product, side) => product * side, 4)
  const { raw } = tensor
  if (!raw || tensor.external || raw.end - raw.start !== bytes) {
    refuse(`${describeNode(reader)} adds a grid whose numbers do not lie together in the file`)
  }
  const rows = readRows(raw, size.width)
  for (let point = 0; point < size.points; point++) {
    const within = [Math.floor(point / geometry.kernel[1]), point % geometry.kernel[1]]
    const [top, left] = within.map((step, axis) => start[axis] + step * geometry.dilations[axis])
    await expectRows(rows, size.height, (row, _column) => top + row * geometry.strides[0])
    await expectRows(rows, size.height, (_row, column) => left + column * geometry.strides[1])
    throwIfAborted(signal)
    await setImmediate()
  }

  async function expectRows(
    source: typeof rows,
    height: number,
    expected: (row: number, column: number) => number,
  ) {
    for (let row = 0; row < height; row++) {
      const { value } = await source.next()
      const numbers = value as Float32Array
      for (let column = 0; column < numbers.length; column++) {
        if (numbers[column] === expected(row, column)) continue
        refuse(
          `${describeNode(reader)} adds a grid with ${numbers[column]} where ${expected(row, column)} is expected`,
        )
      }
    }
  }
}

/** The rows of float32 numbers, one after the other; each is good until the next. */
async function* readRows({ file, start, end }: Span, width: number): AsyncGenerator<Float32Array> {
  const rows = Math.max(1, Math.floor(chunkBytes / (width * 4)))
  const chunk = new Float32Array(rows * width)
  for (let position = start; position < end; ) {
    const wanted = Math.min(chunk.byteLength, end - position)
    const { bytesRead } = await file.handle.read(new Uint8Array(chunk.buffer), 0, wanted, position)
    if (bytesRead !== wanted) refuse(`the file ends at byte ${position + bytesRead}, in the middle of a grid`)
    for (let index = 0; index < wanted / 4; index += width) yield chunk.subarray(index, index + width)
    position += wanted
  }
}
