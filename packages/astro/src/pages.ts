import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { AstroIntegrationLogger } from 'astro'
import { describeUnprocessed, findUnprocessed, type Options } from 'unplugin-nobg/vite'
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
  const names = await readdir(dir, { recursive: true })
  const pages = names.filter(name => name.endsWith('.html'))
  const outputs = await Promise.all(
    pages.map(async fileName => ({
      fileName,
      text: await readFile(new URL(encodeURI(fileName), dir), 'utf8'),
    })),
  )
  const assets = new Set(names.map(name => basename(name)))
  // Highlighters put the code of a documentation into attributes, for a button that copies it.
  const found = findUnprocessed(outputs, assets).filter(line => !/["'`\n]/.test(line))
  if (found.length > 0) reportUnprocessed(options, describeUnprocessed(found, HINT), logger)
}
