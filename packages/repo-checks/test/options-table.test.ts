import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { optionNames } from '@nobg/core/internal'
import { expect, test } from 'vitest'
import { fillOptionsTable, tables } from '../src/options-table.ts'

test.each(tables.map(([file, spell]) => [relative(process.cwd(), file), file, spell] as const))(
  "%s has the schema's options (else: node packages/repo-checks/src/options-table.ts)",
  async (_, file, spell) => {
    const text = await readFile(file, 'utf8')
    expect(text).toBe(fillOptionsTable(text, spell))
    for (const name of optionNames) expect(text).toContain(`| \`${spell(name)}\` |`)
  },
)
