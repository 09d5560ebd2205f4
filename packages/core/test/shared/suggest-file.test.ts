import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { suggestFile } from '../../src/shared/suggest-file.ts'

test('suggests the image of the same folder that was probably meant', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nobg-suggest-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const name of ['Ada.JPG', 'portrait.webp', 'logo.svg', 'notes.txt'])
    await writeFile(join(folder, name), '')
  const cases = {
    'ada.jpg': "Did you mean 'Ada.JPG'?",
    'ada.webp': "Did you mean 'Ada.JPG'?",
    'potrait.webp': "Did you mean 'portrait.webp'?",
    portrait: "Did you mean 'portrait.webp'?",
    'notes.jpg': undefined,
    'elsewhere/ada.jpg': undefined,
  }
  const found = Object.keys(cases).map(name => [name, suggestFile(join(folder, name))])
  expect(Object.fromEntries(found)).toEqual(cases)
})
