import { expect, test } from 'vitest'
import { holdRows } from '../../../src/matting/guided/hold-rows.ts'

test('computes each row once, in order, and keeps the last rows', () => {
  const written: number[] = []
  const rows = holdRows(
    3,
    () => [Number.NaN],
    (y, row) => {
      written.push(y)
      row[0] = 10 * y
    },
  )
  expect(rows(2)).toEqual([20])
  expect([rows(0), rows(1), rows(2)]).toEqual([[0], [10], [20]])
  expect(rows(4)).toEqual([40])
  expect([rows(2), rows(3)]).toEqual([[20], [30]])
  expect(written).toEqual([0, 1, 2, 3, 4])
})
