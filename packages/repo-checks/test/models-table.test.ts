import { readFile } from 'node:fs/promises'
import { models } from '@nobg/core'
import { expect, test } from 'vitest'
import { fillModelsTable, modelsReadme } from '../src/models-table.ts'

test('the README has the current models (else: node packages/repo-checks/src/models-table.ts)', async () => {
  const text = await readFile(modelsReadme, 'utf8')
  expect(text).toBe(fillModelsTable(text))
  for (const { id } of models) expect(text).toContain(`| \`${id}\``)
})
