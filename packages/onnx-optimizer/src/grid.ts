import { setImmediate } from 'node:timers/promises'
import type { ExternalFiles } from './external.ts'
import type { DeformConv } from './match-deform-conv.ts'
import type { SampleSize } from './match-gather.ts'
import { describeNode, type GraphNode } from './read-node.ts'
import { elementTypes } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import { countElements } from './values.ts'
import type { Span } from './wire-file.ts'

/** Number of bytes of a grid that are read at once. The largest grids have 100 MB. */
const chunkBytes = 1 << 20

/**
 * Checks all numbers of a grid: float32, [1, 1, points, 2, height, width]. At row i, column j of a point's planes, y is
 * start + i · stride + (row of the point) · dilation, and x likewise with j.
 *
 * @throws {Refusal} if a number differs
 * @throws the signal's reason after an abort
 */
export async function checkGrid(
  site: DeformConv,
  external: ExternalFiles,
  signal?: AbortSignal,
): Promise<void> {
  const { reader, start, size } = site.grid
  const { kernel, strides, dilations } = site.geometry
  const rows = readRows(await locateGrid(site, external), size.width)
  for (let point = 0; point < size.points; point++) {
    const top = start[0] + Math.floor(point / kernel[1]) * dilations[0]
    const left = start[1] + (point % kernel[1]) * dilations[1]
    expectPlane(rows, size, reader, row => top + row * strides[0])
    expectPlane(rows, size, reader, (_, column) => left + column * strides[1])
    signal?.throwIfAborted()
    await setImmediate()
  }
}

async function locateGrid({ grid }: DeformConv, external: ExternalFiles): Promise<Span> {
  const { tensor, reader, size } = grid
  const shape = [1, 1, size.points, 2, size.height, size.width]
  if (tensor.type !== elementTypes.float32 || `${tensor.dims}` !== `${shape}`) {
    refuse(
      `${describeNode(reader)} adds [${tensor.dims}] of type ${tensor.type}; expected floats of [${shape}]`,
    )
  }
  const span = tensor.external ? await external.locate(tensor) : tensor.raw
  if (span && span.end - span.start === countElements(tensor) * 4) return span
  return refuse(`${describeNode(reader)} adds a grid whose numbers are not stored as one block`)
}

function expectPlane(
  rows: Generator<Float32Array, undefined>,
  { height }: SampleSize,
  reader: GraphNode,
  expected: (row: number, column: number) => number,
): void {
  for (let row = 0; row < height; row++) {
    const { value: numbers = new Float32Array() } = rows.next()
    for (let column = 0; column < numbers.length; column++) {
      if (numbers[column] === expected(row, column)) continue
      refuse(`${describeNode(reader)} adds a grid with ${numbers[column]}; expected ${expected(row, column)}`)
    }
  }
}

/** Reads the rows of float32 numbers one by one. A row is valid until the next is read. */
function* readRows({ file, start, end }: Span, width: number): Generator<Float32Array, undefined> {
  const rows = Math.max(1, Math.floor(chunkBytes / (width * 4)))
  const chunk = new Float32Array(rows * width)
  for (let position = start; position < end; ) {
    const wanted = Math.min(chunk.byteLength, end - position)
    const bytesRead = file.readInto(new Uint8Array(chunk.buffer, 0, wanted), position)
    if (bytesRead !== wanted) refuse(`the file ends at byte ${position + bytesRead}, in the middle of a grid`)
    for (let index = 0; index < wanted / 4; index += width) yield chunk.subarray(index, index + width)
    position += wanted
  }
}
