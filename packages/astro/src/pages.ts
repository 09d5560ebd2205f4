import { readdir, readFile } from 'node:fs/promises'
import { basename, join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AstroConfig, AstroIntegrationLogger, HookParameters } from 'astro'
import { describeUnprocessed, findUnprocessed } from 'unplugin-nobg/internal'
import type { Options } from 'unplugin-nobg/vite'
import { reportUnprocessed } from './report.ts'

const PAGE = /\.html?$/
const FEED = /\.xml$/
const READ_FILE = /\.(?:html?|xml|[cm]?js|css)$/
const MARKED = /nobg/

const HINT = `Astro processes images that are imported, or that Markdown refers to. Import the picture, and give it to <Image>, or
its \`src\` to <img>. The public folder is copied as it is: move the picture into src.`

type ServerManifest = HookParameters<'astro:build:ssr'>['manifest']

/**
 * Looks for marked references in the pages and feeds that a build wrote, where an `<img src="./cat.jpg?nobg">` of a
 * template stands as it was written, and in the scripts and style sheets of the public folder.
 *
 * @param dir the folder of the build's pages.
 * @throws {Error} unless the option `unprocessed` says otherwise
 */
export async function checkPages(
  options: Options,
  dir: URL,
  { base, build: { assets: assetsDir } }: AstroConfig,
  logger: AstroIntegrationLogger,
): Promise<void> {
  const folder = fileURLToPath(dir)
  const names = (await readdir(folder, { recursive: true })).map(name => name.split(sep).join('/'))
  // What Astro emits has names of its own, under any host; other files are known by their whole path.
  const isEmitted = (name: string) => name.startsWith(`${assetsDir}/`)
  const paths = names
    .filter(name => !isEmitted(name))
    .flatMap(name => [`/${name}`, posix.join('/', base, name)])
  const assets = new Set([...paths, ...names.filter(isEmitted).map(name => basename(name))])
  const found: string[] = []
  for (const fileName of names.filter(
    name => READ_FILE.test(name) && (PAGE.test(name) || !isEmitted(name)),
  )) {
    const text = await readFile(join(folder, fileName), 'utf8')
    if (!MARKED.test(text)) continue
    const output = FEED.test(fileName)
      ? { fileName: `${fileName}.html`, text: decodeEntities(text) }
      : { fileName, text }
    found.push(...findUnprocessed([output], assets).map(line => line.replace(/\.xml\.html$/, '.xml')))
  }
  // Highlighters put a documentation's code into attributes, for a button that copies it.
  const references = found.filter(line => !/["'`\n]/.test(line))
  if (references.length > 0) reportUnprocessed(options, describeUnprocessed(references, HINT), logger)
}

/**
 * Looks for marked references in the small scripts that a server writes into its pages. Astro takes them out of the bundle
 * before any plugin can read them.
 *
 * @throws {Error} unless the option `unprocessed` says otherwise
 */
export function checkInlinedScripts(
  options: Options,
  { inlinedScripts = [], assets }: ServerManifest,
  logger: AstroIntegrationLogger,
): void {
  const outputs = inlinedScripts.map(([id, text]) => ({ fileName: id.replace(/\?.*$/s, ''), text }))
  const found = findUnprocessed(outputs, new Set(assets))
  if (found.length > 0) reportUnprocessed(options, describeUnprocessed(found, HINT), logger)
}

/** The HTML that a feed holds as text. */
function decodeEntities(text: string): string {
  const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => characters[name])
}
