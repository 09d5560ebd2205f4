import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MARKED_TEXT } from './reference.ts'
import { findUnprocessed } from './unprocessed.ts'

const FEED = /\.xml$/

/**
 * Finds the marked references in files that a host wrote after the bundle: prerendered pages, feeds, and the scripts and style
 * sheets of a public folder.
 *
 * @param folder absolute path.
 * @param names paths of the files from the folder, with forward slashes.
 * @param assets the names of served files, as in {@link findUnprocessed}.
 * @returns one line per reference: the reference as in the file, and the file.
 */
export async function findInWrittenFiles(
  folder: string,
  names: readonly string[],
  assets: ReadonlySet<string>,
): Promise<string[]> {
  const found: string[] = []
  // One file at a time: a large site has thousands of files.
  for (const fileName of names) {
    const text = await readFile(join(folder, fileName), 'utf8')
    if (!MARKED_TEXT.test(text)) continue
    const output = FEED.test(fileName)
      ? { fileName: `${fileName}.html`, text: decodeEntities(text) }
      : { fileName, text }
    found.push(...findUnprocessed([output], assets).map(line => line.replace(/\.xml\.html$/, '.xml')))
  }
  // Highlighters put the code of a documentation page into attributes, for a button that copies the code.
  return found.filter(line => !/["'`\n]/.test(line))
}

/** The HTML that a feed contains as escaped text. */
function decodeEntities(text: string): string {
  const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => characters[name])
}
