/** A column of a table: its heading and what it says of a row. */
export type Column<Row> = [heading: string, cell: (row: Row, rows: readonly Row[]) => string]

export const none = '–'

/** All rows as one Markdown table; the first `words` columns are words, the others figures. */
export function layTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], words: number): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(columns.map(([heading]) => heading)),
    line(columns.map((_, i) => (i < words ? ':--' : '--:'))),
    ...rows.map(row => line(columns.map(([, cell]) => cell(row, rows).replaceAll('|', '\\|')))),
  ].join('\n')
}

export function round(value: number | undefined): string {
  return value === undefined ? none : value.toFixed(0)
}

export function seconds(ms: number | undefined): string {
  return ms === undefined ? none : (ms / 1000).toFixed(2)
}

export function ratio(value: number | undefined): string {
  return value === undefined ? none : value.toFixed(2)
}

export function joinTwo(first: number | undefined, second: number | undefined): string {
  return first === undefined ? none : `${round(first)} / ${round(second)}`
}
