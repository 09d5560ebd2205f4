import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Loader, LoaderContext } from 'astro/loaders'
import { glob } from 'tinyglobby'
import { rewriteImages, rewriteLinks } from './links.ts'

/**
 * Loads the Markdown pages of `docs/`. A page has no front matter, so that it reads well on the repository's host, too: its title is
 * its first heading, and its description is its first paragraph.
 */
export function loadPages(): Loader {
  return {
    name: 'nobg-pages',
    async load(context) {
      const root = fileURLToPath(context.config.root)
      const files = await glob('**/*.md', { cwd: root, ignore: ['node_modules', 'dist', 'src'] })
      context.store.clear()
      for (const file of files.sort()) await loadPage(context, file)
      context.watcher?.on('change', async path => {
        const file = files.find(name => fileURLToPath(new URL(name, context.config.root)) === path)
        if (file) await loadPage(context, file)
      })
    },
  }
}

async function loadPage(
  { config, store, parseData, renderMarkdown, generateDigest }: LoaderContext,
  file: string,
) {
  const fileURL = new URL(file, config.root)
  const text = await readFile(fileURL, 'utf8')
  const { title, body } = splitTitle(text, file)
  const id = file.replace(/\.md$/, '')
  const data = await parseData({
    id,
    data: { title, description: describe(body) },
    filePath: fileURLToPath(fileURL),
  })
  const rendered = await renderMarkdown(rewriteImages(body), { fileURL })
  const html = rewriteLinks(rendered.html, file, config.base)
  store.set({
    id,
    data,
    body,
    filePath: file,
    digest: generateDigest(text),
    rendered: { ...rendered, html },
    assetImports: rendered.metadata?.imagePaths,
  })
}

/** Splits a page at its first heading. */
function splitTitle(text: string, file: string): { title: string; body: string } {
  const match = /^# (.+)\n/.exec(text)
  if (!match) throw new Error(`Expected a page that starts with a heading ("# Title"), got docs/${file}.`)
  return { title: match[1].replaceAll('`', ''), body: text.slice(match[0].length) }
}

/** The text of the first paragraph, at most 160 characters. */
function describe(body: string): string | undefined {
  const paragraph = body.split(/\n{2,}/).find(text => /^\w/.test(text.trim()))
  const text = paragraph
    ?.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*`]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  return text && text.length > 160 ? `${text.slice(0, 157)}…` : text
}
