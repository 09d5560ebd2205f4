import type { Quality } from './judge.ts'

/** A row of the table. */
export interface QualityRow extends Quality {
  model: string
  /** Operating resolution and upsampling, as text. */
  setting: string
}

const headings = [
  'model',
  'setting',
  'SAD',
  'SAD at edges',
  'MSE',
  'gradient',
  'foreground',
  'refined',
  'run s',
]

/** Formats the rows as a Markdown table. */
export function formatQuality(rows: readonly QualityRow[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(headings),
    line(headings.map((_, i) => (i < 2 ? ':--' : '--:'))),
    ...rows.map(row =>
      line([
        row.model,
        row.setting,
        ...[row.sad, row.edgeSad, row.mse, row.gradient, row.foreground, row.refinedForeground].map(show),
        show(row.inferenceMs / 1000),
      ]),
    ),
  ].join('\n')
}

function show(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(2)
}

const end = '<!-- end of figures -->'

/**
 * Puts figures between the two comments of a page.
 *
 * @param command the command in the first comment.
 * @throws {Error} if a comment is missing
 */
export function insertFigures(page: string, figures: string, command = 'pnpm quality --write'): string {
  const begin = `<!-- figures: written by \`${command}\` -->`
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from < 0 || to < from) throw new Error(`expected the comments ${begin} and ${end}`)
  return `${page.slice(0, from)}${begin}\n\n${figures}\n\n${page.slice(to)}`
}
