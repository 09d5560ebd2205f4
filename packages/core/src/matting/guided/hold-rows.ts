/**
 * Computes rows one after another on request, and holds the last few.
 *
 * @param held number of rows that stay readable: the row requested last and those directly above it
 * @param create allocates one row
 * @param write fills row y; called once for each row, in order
 * @returns a function that returns row y, which must be among the rows held or below them
 */
export function holdRows<Row>(
  held: number,
  create: () => Row,
  write: (y: number, row: Row) => void,
): (y: number) => Row {
  const rows: Row[] = []
  let next = 0
  return y => {
    for (; next <= y; next++) {
      rows[next % held] ??= create()
      write(next, rows[next % held])
    }
    return rows[y % held]
  }
}
