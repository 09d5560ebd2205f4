import { readFile } from 'node:fs/promises'
import { models } from '@nobg/core'
import { expect, test } from 'vitest'
import { fillModelsTable, modelsPage } from '../src/models-table.ts'

test('docs/models.md has the current models (else: node packages/repo-checks/src/models-table.ts)', async () => {
  const text = await readFile(modelsPage, 'utf8')
  expect(text).toBe(fillModelsTable(text))
  for (const { id } of models) expect(text).toContain(`| \`${id}\``)
})
