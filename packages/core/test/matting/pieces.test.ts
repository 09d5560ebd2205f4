import { expect, test } from 'vitest'
import { fillHoles, findPieces, measureDistance } from '../../src/matting/pieces.ts'

/** Marks of a drawing: # is 1. */
function read(...rows: string[]): Uint8Array {
  return Uint8Array.from(rows.join(''), character => (character === '#' ? 1 : 0))
}

function show(marks: Uint8Array, width: number): string[] {
  const text = [...marks].map(mark => (mark ? '#' : '.')).join('')
  return text.match(new RegExp(`.{${width}}`, 'g')) ?? []
}

test('pieces touch by sides, not by corners, and not around the edge of the frame', () => {
  const { areas, pieceOf } = findPieces(read('##..#', '#..#.', '....#', '#...#'), 5)
  expect(areas).toEqual([3, 1, 1, 2, 1])
  expect([...pieceOf.slice(0, 5)]).toEqual([0, 0, -1, -1, 1])
  expect(findPieces(read('....'), 2).areas).toEqual([])
})

test('holes are filled, bays are not', () => {
  const drawing = ['#####.', '#.#...', '#####.', '..#.#.', '.####.']
  expect(show(fillHoles(read(...drawing), 6), 6)).toEqual(['#####.', '###...', '#####.', '..###.', '.####.'])
  expect(show(fillHoles(read('...', '...'), 3), 3)).toEqual(['...', '...'])
  expect(show(fillHoles(read('###', '###'), 3), 3)).toEqual(['###', '###'])
})

test('distances are those along rows and columns', () => {
  const width = 23
  const marks = Uint8Array.from({ length: width * 17 }, (_, i) => ((i * 7919) % 41 === 0 ? 1 : 0))
  const nearest = Array.from(marks, (_, i) =>
    Math.min(
      ...Array.from(marks, (mark, j) =>
        mark
          ? Math.abs((i % width) - (j % width)) + Math.abs(Math.floor(i / width) - Math.floor(j / width))
          : 255,
      ),
    ),
  )
  expect([...measureDistance(marks, width, 1)]).toEqual(nearest)
  expect([
    ...measureDistance(
      marks.map(mark => 1 - mark),
      width,
      0,
    ),
  ]).toEqual(nearest)
})

test('distances without a mark are 255', () => {
  expect([...measureDistance(new Uint8Array(6), 3, 1)]).toEqual(Array(6).fill(255))
})
