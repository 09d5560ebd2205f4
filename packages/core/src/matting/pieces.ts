/**
 * Finds the connected pieces (by sides) of the pixels that are marked with 1.
 *
 * @param marks uint8, [height, width], 0 or 1.
 * @returns the pieces' areas in px, and the piece of each pixel: int32, [height, width], −1 for unmarked pixels
 */
export function findPieces(marks: Uint8Array, width: number): { areas: number[]; pieceOf: Int32Array } {
  const areas: number[] = []
  const pieceOf = new Int32Array(marks.length).fill(-1)
  const stack = new Int32Array(marks.length)
  for (let start = 0; start < marks.length; start++) {
    if (marks[start] === 0 || pieceOf[start] >= 0) continue
    const piece = areas.length
    let area = 0
    let depth = 1
    stack[0] = start
    pieceOf[start] = piece
    while (depth > 0) {
      const pixel = stack[--depth]
      const x = pixel % width
      area++
      // Beyond the frame `marks` is undefined, which is not 1.
      const sides = [x > 0 ? pixel - 1 : -1, x < width - 1 ? pixel + 1 : -1, pixel - width, pixel + width]
      for (const next of sides) {
        if (marks[next] !== 1 || pieceOf[next] >= 0) continue
        pieceOf[next] = piece
        stack[depth++] = next
      }
    }
    areas.push(area)
  }
  return { areas, pieceOf }
}

/**
 * Fills holes: marks also what cannot be reached from the frame without crossing a mark.
 *
 * @param marks uint8, [height, width], 0 or 1.
 * @returns uint8, [height, width], 0 or 1
 */
export function fillHoles(marks: Uint8Array, width: number): Uint8Array {
  const filled = marks.map(mark => 1 - mark)
  const { pieceOf, areas } = findPieces(filled, width)
  const isOutside = new Uint8Array(areas.length)
  for (let pixel = 0; pixel < marks.length; pixel++) {
    const x = pixel % width
    const isAtFrame = x === 0 || x === width - 1 || pixel < width || pixel + width >= marks.length
    if (isAtFrame && pieceOf[pixel] >= 0) isOutside[pieceOf[pixel]] = 1
  }
  for (let pixel = 0; pixel < marks.length; pixel++)
    filled[pixel] = pieceOf[pixel] < 0 || !isOutside[pieceOf[pixel]] ? 1 : 0
  return filled
}

/**
 * Measures how far each pixel lies from the nearest pixel with a given mark, in steps along rows and columns, 255 at most.
 *
 * @param marks uint8, [height, width], 0 or 1.
 * @returns uint8, [height, width]; 0 at pixels with the mark
 * @see Rosenfeld & Pfaltz, Sequential Operations in Digital Picture Processing, JACM 1966
 */
export function measureDistance(marks: Uint8Array, width: number, mark: 0 | 1): Uint8Array {
  const last = marks.length
  const distance = new Uint8Array(last)
  for (let pixel = 0, x = 0; pixel < last; pixel++) {
    if (marks[pixel] !== mark) {
      const left = x > 0 ? distance[pixel - 1] : 255
      const above = pixel >= width ? distance[pixel - width] : 255
      const nearest = Math.min(left, above)
      distance[pixel] = nearest < 255 ? nearest + 1 : 255
    }
    if (++x === width) x = 0
  }
  for (let pixel = last - 1, x = width - 1; pixel >= 0; pixel--) {
    const right = x < width - 1 ? distance[pixel + 1] : 255
    const below = pixel + width < last ? distance[pixel + width] : 255
    const nearest = Math.min(right, below)
    if (nearest + 1 < distance[pixel]) distance[pixel] = nearest + 1
    if (--x < 0) x = width - 1
  }
  return distance
}
