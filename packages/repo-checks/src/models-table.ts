/**
 * The table of the models in `docs/models.md`, between `<!-- models … -->` and `<!-- /models -->`. To write the table:
 * `node packages/repo-checks/src/models-table.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Model, models } from '@nobg/core'
import { formatBytes } from '@nobg/core/internal'

/** The page with the table. */
export const modelsPage: string = resolve(import.meta.dirname, '../../../docs/models.md')

const heads = [
  'id',
  'for',
  'network, operating resolution in px',
  'processor time',
  'memory',
  'weights',
  'license',
  'trained on',
]

/** The text of a page with the current table. */
export function fillModelsTable(text: string): string {
  const rows = [heads, heads.map(() => '---'), ...models.map(toCells)]
  const table = rows.map(cells => `| ${cells.join(' | ')} |`).join('\n')
  return text.replace(
    /(<!-- models[^\n]*-->\n).*?(<!-- \/models -->)/s,
    (_, start, end) => `${start}${table}\n${end}`,
  )
}

function toCells(model: Model, index: number): string[] {
  const { id, purpose = '', description = '', cost, bytes, license, trainedOn = '–' } = model
  const mark = cost?.isArchitecture ? '\\*' : ''
  return [
    `\`${id}\`${index === 0 ? ' (default)' : ''}`,
    purpose,
    description.replace('embedded', '**embedded**'),
    cost ? `${cost.cpuSeconds} s${mark}` : '–',
    cost ? `${formatBytes(cost.peakBytes)}${mark}` : '–',
    bytes ? formatBytes(bytes) : '–',
    license,
    trainedOn,
  ]
}

if (import.meta.main) writeFileSync(modelsPage, fillModelsTable(readFileSync(modelsPage, 'utf8')))
