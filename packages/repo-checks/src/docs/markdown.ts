import { readFileSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import GithubSlugger from 'github-slugger'
import { globSync } from 'tinyglobby'

export const REPOSITORY = resolve(import.meta.dirname, '../../../..')

/** A fenced block of code. */
export interface CodeBlock {
  language: string
  /** The words after the language, such as `check=none`. */
  meta: string
  code: string
  /** Line of the fence, from 1. */
  line: number
}

/** Paths of the READMEs and of the pages of `docs/`, relative to the repository. */
export function listPages(): string[] {
  const patterns = ['*.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md']
  return globSync(patterns, { cwd: REPOSITORY, ignore: ['**/node_modules', '**/dist'] }).sort()
}

export function readPage(page: string): string {
  return readFileSync(resolve(REPOSITORY, page), 'utf8')
}

/** The fenced blocks of code of a page. A fence may be indented, as in a list. */
export function findCodeBlocks(text: string): CodeBlock[] {
  return [...text.matchAll(/^( *)```(\w+)([^\n]*)\n(.*?)^\1```$/gms)].map(
    ({ 2: language, 3: meta, 4: code, index }) => ({
      language,
      meta: meta.trim(),
      code,
      line: text.slice(0, index).split('\n').length,
    }),
  )
}

/** A page without its code: fenced blocks and spans. */
function removeCode(text: string): string {
  return text.replace(/^( *)```.*?^\1```$/gms, '').replace(/`[^`\n]*`/g, '')
}

/** The anchors of a page, as the repository's host computes them. */
export function listAnchors(text: string): Set<string> {
  const slugger = new GithubSlugger()
  const headings = text.replace(/^( *)```.*?^\1```$/gms, '').matchAll(/^#{1,6} (.+)$/gm)
  const slugs = [...headings].map(([, heading]) =>
    slugger.slug(heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')),
  )
  return new Set([...slugs, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id)])
}

/** The targets of a page's links and images, with the path of the file that a relative one names. */
export function listLinks(page: string): { href: string; file: string | undefined; anchor: string }[] {
  const targets = removeCode(readPage(page)).matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)
  return [...targets].map(([, href]) => {
    const [path, anchor = ''] = href.split('#')
    return { href, file: toFile(path, page), anchor }
  })
}

function toFile(path: string, page: string): string | undefined {
  if (path === '') return page
  const own = /^https:\/\/github\.com\/nobg\/nobg\/(?:blob|tree|edit)\/main\/(.*)$/.exec(path)?.[1]
  if (own) return own
  return /^[a-z]+:/.test(path) ? undefined : posix.join(posix.dirname(page), path.replace(/\?.*/, ''))
}
