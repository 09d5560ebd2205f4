/**
 * The pages of `docs/reference/`, made of the code. To write them: `node packages/repo-checks/src/reference.ts`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiPages, printApiPage } from './docs/api-pages.ts'
import { printCommandLinePage } from './docs/command-line-page.ts'
import { printConfigPage } from './docs/config-page.ts'
import { printErrorsPage } from './docs/errors-page.ts'
import { printHttpPage } from './docs/http-page.ts'
import { REPOSITORY } from './docs/markdown.ts'
import { printOptionsPage } from './docs/options-page.ts'

const NOTE = '\n<!-- Written by packages/repo-checks/src/reference.ts. -->\n'

const folder = join(REPOSITORY, 'docs/reference')

/** The path of each page of the reference, and the function that prints it. */
export const referencePages: [file: string, print: () => string | Promise<string>][] = [
  [join(folder, 'options.md'), printOptionsPage],
  [join(folder, 'config.md'), printConfigPage],
  [join(folder, 'command-line.md'), printCommandLinePage],
  [join(folder, 'errors.md'), printErrorsPage],
  [join(folder, 'http-api.md'), printHttpPage],
  ...apiPages.map((page): [string, () => Promise<string>] => [
    join(folder, 'api', `${page.page}.md`),
    () => printApiPage(page),
  ]),
]

/** The current text of a page. */
export async function printReference(print: () => string | Promise<string>): Promise<string> {
  return (await print()).replace('\n', `\n${NOTE}`)
}

if (import.meta.main) {
  mkdirSync(join(folder, 'api'), { recursive: true })
  for (const [file, print] of referencePages) writeFileSync(file, await printReference(print))
}
