/**
 * The table of core's options in READMEs, between `<!-- options … -->` and `<!-- /options -->`. To write the tables:
 * `node packages/repo-checks/src/options-table.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Options } from '@nobg/core'
import { optionNames, optionsSchema } from '@nobg/core/internal'
import { spellFlag } from 'nobg/internal'

const packagesDir = resolve(import.meta.dirname, '../..')

/** READMEs with a table, and the spelling of options in each. */
export const tables: [file: string, spell: (name: keyof Options) => string][] = [
  [resolve(packagesDir, '../README.md'), name => name],
  [resolve(packagesDir, 'unplugin/README.md'), name => name],
  [resolve(packagesDir, 'cli/README.md'), spellFlag],
]

/** A Markdown table with one row per option: its spelling and its description. */
export function printOptionsTable(spell: (name: keyof Options) => string): string {
  const rows = optionNames.map(name => `| \`${spell(name)}\` | ${optionsSchema.shape[name].description} |`)
  return ['| option | what it does |', '|---|---|', ...rows].join('\n')
}

/** The text of a README with the current table. */
export function fillOptionsTable(text: string, spell: (name: keyof Options) => string): string {
  return text.replace(
    /(<!-- options[^\n]*-->\n).*?(<!-- \/options -->)/s,
    (_, start, end) => `${start}${printOptionsTable(spell)}\n${end}`,
  )
}

if (import.meta.main) {
  for (const [file, spell] of tables) writeFileSync(file, fillOptionsTable(readFileSync(file, 'utf8'), spell))
}
