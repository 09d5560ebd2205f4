/**
 * Rows that are computed one after another when they are asked for, of which the last few are held.
 *
 * @param held How many rows stay readable: the one asked for last and those directly above it.
 * @param create Makes the memory of one row.
 * @param write Fills it with row y. Called once for each row, in order.
 * @returns Row y; between 0 and the highest row asked for so far, less `held`.
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
