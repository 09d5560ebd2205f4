import { type CodeBlock, findCodeBlocks, listPages, readPage } from './markdown.ts'

/** A block of TypeScript or JavaScript in a page. */
export interface Snippet extends CodeBlock {
  page: string
  /** What a fence's `check=` says: nothing, or `none` for a block that the compiler cannot check. */
  check: string | undefined
}

/** Names that a snippet may use without an import, because a snippet before it in the page has the import. */
const KNOWN: Record<string, string> = {
  nobg: "import nobg from 'unplugin-nobg/vite'",
  createRemover: "import { createRemover } from '@nobg/core'",
  removeBackground: "import { removeBackground } from '@nobg/core'",
  createFalClient: "import { createFalClient } from '@fal-ai/client'",
  createServer: "import { createServer } from '@nobg/server'",
  sharp: "import sharp from 'sharp'",
  writeFile: "import { writeFile } from 'node:fs/promises'",
}

/** All blocks of TypeScript and JavaScript of the READMEs and the pages of `docs/`. */
export function listSnippets(): Snippet[] {
  return listPages().flatMap(page =>
    findCodeBlocks(readPage(page))
      .filter(({ language }) => language === 'ts' || language === 'js')
      .map(block => ({ ...block, page, check: /\bcheck=(\S+)/.exec(block.meta)?.[1] })),
  )
}

/** A snippet as a module, with the imports that it leaves out and with declarations of its pictures. */
export function toModule({ code }: Snippet): string {
  const imports = Object.entries(KNOWN).flatMap(([name, line]) => {
    const isUsed = new RegExp(`\\b${name}\\(`).test(code)
    const isDeclared = new RegExp(`(?:import\\b[^\\n]*|(?:const|function)\\b[^\\n=(]*)\\b${name}\\b`).test(
      code,
    )
    return isUsed && !isDeclared ? [line] : []
  })
  return [...imports, code].join('\n')
}

/** Declarations of the pictures that snippets import. A name of a module in a declaration must not be a relative path. */
export function declarePictures(snippets: readonly Snippet[]): string {
  const names = snippets.flatMap(({ code }) => [...code.matchAll(/from '\.[./]*\/([^']*\bnobg\b[^']*)'/g)])
  return [...new Set(names.map(([, name]) => name))]
    .map(name => `declare module '*${name}' {\n  const url: string\n  export default url\n}`)
    .join('\n')
}
