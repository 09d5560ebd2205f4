/** A column of a table: its heading, and the text of its cell in a row. */
export type Column<Row> = [heading: string, cell: (row: Row, rows: readonly Row[]) => string]

export const none = '–'

/** Formats the rows as a Markdown table. The first `words` columns hold text, the others hold figures. */
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
