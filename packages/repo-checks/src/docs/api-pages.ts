import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { optionNames } from '@nobg/core/internal'
import { REPOSITORY } from './markdown.ts'

const run = promisify(execFile)
const docs = resolve(REPOSITORY, 'docs')

/** The entry of a package that a program imports. */
interface ApiPage {
  /** Name of the page. */
  page: string
  /** What a program imports. */
  specifier: string
  /** TypeDoc's file. */
  file: string
  /** The sentence before TypeDoc's text. */
  text: string
}

export const apiPages: readonly ApiPage[] = [
  {
    page: 'core',
    specifier: '@nobg/core',
    file: 'core.src.md',
    text: 'All exports of `@nobg/core`. The package `nobg` exports the same.',
  },
  {
    page: 'matting',
    specifier: '@nobg/core/matting',
    file: 'core.src.matting.md',
    text: 'All exports of `@nobg/core/matting`.',
  },
  {
    page: 'plugin',
    specifier: 'unplugin-nobg/vite',
    file: 'unplugin.src.vite.md',
    text: 'All exports of `unplugin-nobg/vite`. The entries of the other bundlers take the same options.',
  },
  { page: 'sharp', specifier: '@nobg/sharp', file: 'sharp.src.md', text: 'All exports of `@nobg/sharp`.' },
  { page: 'ipx', specifier: '@nobg/ipx', file: 'ipx.src.md', text: 'All exports of `@nobg/ipx`.' },
  {
    page: 'server',
    specifier: '@nobg/server',
    file: 'server.src.md',
    text: 'All exports of `@nobg/server`.',
  },
  {
    page: 'onnx-optimizer',
    specifier: '@nobg/onnx-optimizer',
    file: 'onnx-optimizer.src.md',
    text: 'All exports of `@nobg/onnx-optimizer`.',
  },
]

let texts: Promise<Map<string, string>> | undefined

/** Prints one page. The first call runs TypeDoc, which reads docs/typedoc.json and needs eight seconds of processor time. */
export async function printApiPage({ specifier, file, text }: ApiPage): Promise<string> {
  texts ??= runTypeDoc()
  const body = (await texts).get(file)!
  return `# ${specifier}\n\n${text}\n${tidy(body).replace(/^# .*\n/, '')}`
}

async function runTypeDoc(): Promise<Map<string, string>> {
  const manifest = createRequire(join(docs, 'package.json')).resolve('typedoc/package.json')
  const out = await mkdtemp(join(tmpdir(), 'nobg-api-'))
  try {
    await run(process.execPath, [join(dirname(manifest), 'bin/typedoc'), '--out', out], { cwd: docs })
    const files = apiPages.map(async ({ file }) => [file, await readFile(join(out, file), 'utf8')] as const)
    return new Map(await Promise.all(files))
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/** Links to the pages and to the options; signatures are no programs that could be checked. */
function tidy(body: string): string {
  const pages = new Map(apiPages.map(({ file, page }) => [file, `${page}.md`]))
  return body
    .replace(/\]\(([\w.-]+\.md)/g, (whole, file) => (pages.has(file) ? `](${pages.get(file)}` : whole))
    .replaceAll('\n```ts\n', '\n```ts check=none\n')
    .replace(
      /^(\| <a id="[^"]+"><\/a> )(`(\w+)\?`)(?= \|.*\| - \|$| \| (?:[^|\\]|\\.)* \|$)/gm,
      (whole, start, code, name) =>
        optionNames.includes(name) ? `${start}[${code}](../options.md#${name.toLowerCase()})` : whole,
    )
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()
    .concat('\n')
}
