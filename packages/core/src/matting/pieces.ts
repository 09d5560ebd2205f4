/**
 * Finds the connected pieces (by sides) of the pixels that are marked with 1.
 *
 * @param marks uint8, [height, width], 0 or 1. Overwritten with zeros.
 * @param visit is called with the index of each pixel of each piece
 * @returns the area of each piece, px
 */
export function findPieces(
  marks: Uint8Array,
  width: number,
  visit: (pixel: number, piece: number) => void = () => {},
): number[] {
  const areas: number[] = []
  const stack = new Int32Array(marks.length)
  for (let start = 0; start < marks.length; start++) {
    if (marks[start] === 0) continue
    let area = 0
    let depth = 0
    const add = (pixel: number) => {
      marks[pixel] = 0
      stack[depth++] = pixel
    }
    add(start)
    while (depth > 0) {
      const pixel = stack[--depth]
      area++
      visit(pixel, areas.length)
      const x = pixel % width
      if (x > 0 && marks[pixel - 1]) add(pixel - 1)
      if (x < width - 1 && marks[pixel + 1]) add(pixel + 1)
      if (pixel >= width && marks[pixel - width]) add(pixel - width)
      if (pixel + width < marks.length && marks[pixel + width]) add(pixel + width)
    }
    areas.push(area)
  }
  return areas
}

/**
 * Fills what is enclosed: marks all pixels that cannot be reached from the frame without crossing a mark.
 *
 * @param marks uint8, [height, width], 0 or 1.
 * @returns uint8, [height, width], 0 or 1
 */
export function fillHoles(marks: Uint8Array, width: number): Uint8Array {
  const height = marks.length / width
  const open = marks.map(mark => 1 - mark)
  const outside: boolean[] = []
  const pieceOf = new Int32Array(marks.length).fill(-1)
  findPieces(open, width, (pixel, piece) => {
    const x = pixel % width
    const y = (pixel - x) / width
    pieceOf[pixel] = piece
    outside[piece] ||= x === 0 || y === 0 || x === width - 1 || y === height - 1
  })
  return marks.map((mark, pixel) => (mark || !outside[pieceOf[pixel]] ? 1 : 0))
}

/**
 * Removes the marks that lie within `inset` px of an unmarked pixel. The world beyond the frame counts as marked.
 *
 * @param marks uint8, [height, width], 0 or 1.
 */
export function erode(marks: Uint8Array, width: number, inset: number): Uint8Array {
  let eroded = marks
  for (let i = 0; i < inset; i++) eroded = erodeOnce(eroded, width)
  return eroded
}

function erodeOnce(marks: Uint8Array, width: number): Uint8Array {
  const last = marks.length
  const eroded = new Uint8Array(last)
  for (let pixel = 0, x = 0; pixel < last; pixel++) {
    eroded[pixel] =
      marks[pixel] &
      (x > 0 ? marks[pixel - 1] : 1) &
      (x < width - 1 ? marks[pixel + 1] : 1) &
      (pixel >= width ? marks[pixel - width] : 1) &
      (pixel + width < last ? marks[pixel + width] : 1)
    if (++x === width) x = 0
  }
  return eroded
}
