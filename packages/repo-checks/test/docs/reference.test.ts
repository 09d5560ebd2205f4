import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { configSchema, optionNames } from '@nobg/core/internal'
import { EXIT_CODES } from 'nobg/internal'
import { expect, test } from 'vitest'
import { REPOSITORY } from '../../src/docs/markdown.ts'
import { printReference, referencePages } from '../../src/reference.ts'

test.each(referencePages.map(([file, print]) => [relative(REPOSITORY, file), file, print] as const))(
  '%s agrees with the code (else: node packages/repo-checks/src/reference.ts)',
  async (_, file, print) => {
    expect(await readFile(file, 'utf8')).toBe(await printReference(print))
  },
)

test.each([
  ['options.md', optionNames.map(name => `\n## ${name}\n`)],
  ['config.md', Object.keys(configSchema.shape).map(name => `\n| \`${name}\`<br>`)],
  ['errors.md', Object.keys(EXIT_CODES).map(code => `\n## ${code}\n`)],
  [
    'command-line.md',
    ['nobg', 'nobg models pull', 'nobg serve', 'nobg mattes remake'].map(name => `\n## ${name}\n`),
  ],
  ['http-api.md', ['\n## POST /queue.fal.run/fal-ai/birefnet\n', '| `image_url`<br>string |']],
])('the reference of %s is whole', async (name, parts) => {
  const [, print] = referencePages.find(([file]) => file.endsWith(name))!
  const text = await printReference(print)
  for (const part of parts) expect(text).toContain(part)
})
