/**
 * The table of core's options for a README, between `<!-- options … -->` and `<!-- /options -->`. Run by itself it writes the
 * tables anew: `node packages/house/src/options-table.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Options, optionNames, optionsSchema } from '@nobg/core'
import { spellFlag } from 'nobg'

const packagesDir = resolve(import.meta.dirname, '../..')

/** READMEs that have such a table, and how each spells an option. */
export const tables: [file: string, spell: (name: keyof Options) => string][] = [
  [resolve(packagesDir, 'cli/README.md'), spellFlag],
]

/** One row per option: how a door spells it, and what it does. */
export function printOptionsTable(spell: (name: keyof Options) => string): string {
  const rows = optionNames.map(name => `| \`${spell(name)}\` | ${describeOption(name)} |`)
  return ['| option | what it does |', '|---|---|', ...rows].join('\n')
}

/** A README with its table as it must be. */
export function fillOptionsTable(text: string, spell: (name: keyof Options) => string): string {
  return text.replace(
    /(<!-- options[^\n]*-->\n).*?(<!-- \/options -->)/s,
    (_, start, end) => `${start}${printOptionsTable(spell)}\n${end}`,
  )
}

function describeOption(name: keyof Options): string {
  const schema = optionsSchema.shape[name]
  const preset = schema.parse(undefined)
  const described = schema.description ?? ''
  return typeof preset === 'string' && !described.includes(preset)
    ? `${described} Default: ${preset}.`
    : described
}

if (import.meta.main) {
  for (const [file, spell] of tables) writeFileSync(file, fillOptionsTable(readFileSync(file, 'utf8'), spell))
}
