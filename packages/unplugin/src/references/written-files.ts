import { join } from 'node:path'
import { readFeed } from './feeds.ts'
import { readText, type Warn } from './output-files.ts'
import { MARKED_TEXT } from './reference.ts'
import { findUnprocessed } from './unprocessed.ts'

const FEED = /\.xml$/

/**
 * Finds the marked references in files that a host wrote after the bundle: prerendered pages, feeds, and the scripts and style
 * sheets of a public folder.
 *
 * @param folder absolute path.
 * @param names paths of the files from the folder, with forward slashes. A file that no longer exists is left out.
 * @param assets the names of served files, as in {@link findUnprocessed}.
 * @param warn gets a message about each file that cannot be read.
 * @returns one line per reference: the reference as in the file, and the file.
 */
export async function findInWrittenFiles(
  folder: string,
  names: readonly string[],
  assets: ReadonlySet<string>,
  warn: Warn,
): Promise<string[]> {
  const found: string[] = []
  // One file at a time: a large site has thousands of files.
  for (const fileName of names) {
    const text = await readText(join(folder, fileName), warn)
    // An entity may be the first character of a marker: &#63;nobg.
    if (text === undefined || !text.includes('nobg')) continue
    const lines = FEED.test(fileName)
      ? findInFeed(fileName, text, assets)
      : findUnprocessed([{ fileName, text }], assets)
    found.push(...lines)
  }
  return found
}

function findInFeed(fileName: string, xml: string, assets: ReadonlySet<string>): string[] {
  const page = `${fileName}.html`
  const outputs = readFeed(xml)
    .filter(text => MARKED_TEXT.test(text))
    .map(text => ({ fileName: page, text }))
  return [...new Set(findUnprocessed(outputs, assets))].map(line => line.slice(0, -'.html'.length))
}
