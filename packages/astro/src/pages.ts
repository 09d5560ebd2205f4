import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AstroIntegrationLogger } from 'astro'
import { describeUnprocessed, findUnprocessed } from 'unplugin-nobg/parts'
import type { Options } from 'unplugin-nobg/vite'
import { reportUnprocessed } from './report.ts'

const HINT = `Astro processes images that are imported, or that Markdown refers to. Import the picture, and give it to <Image>, or
its \`src\` to <img>. The public folder is copied as it is: move the picture into src.`

/**
 * Looks for marked references in the pages that a build wrote, where an `<img src="./cat.jpg?nobg">` of a template stands
 * as it was written.
 *
 * @param dir the folder of the build's pages.
 * @throws {Error} unless the option `unprocessed` says otherwise
 */
export async function checkPages(options: Options, dir: URL, logger: AstroIntegrationLogger): Promise<void> {
  const folder = fileURLToPath(dir)
  const names = await readdir(folder, { recursive: true })
  const assets = new Set(names.map(name => basename(name)))
  const found: string[] = []
  for (const fileName of names.filter(name => name.endsWith('.html'))) {
    const text = await readFile(join(folder, fileName), 'utf8')
    found.push(...findUnprocessed([{ fileName, text }], assets))
  }
  // Highlighters put a documentation's code into attributes, for a button that copies it.
  const references = found.filter(line => !/["'`\n]/.test(line))
  if (references.length > 0) reportUnprocessed(options, describeUnprocessed(references, HINT), logger)
}
