import { basename, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AstroConfig, AstroIntegrationLogger, HookParameters } from 'astro'
import {
  findInWrittenFiles,
  findUnprocessed,
  listFiles,
  reportUnprocessed,
  throwMessage,
} from 'unplugin-nobg/internal'
import type { Options } from 'unplugin-nobg/vite'

const PAGE = /\.html?$/
const READ_FILE = /\.(?:html?|xml|[cm]?js|css)$/

const HINT = `Astro processes images that are imported or that Markdown refers to. Import the picture, and pass it to <Image>, or its
\`src\` to <img>. Astro copies the public folder unchanged: move the picture into src.`

type ServerManifest = HookParameters<'astro:build:ssr'>['manifest']

/**
 * Checks the pages and feeds that a build wrote, and the scripts and style sheets of the public folder, for marked
 * references. Astro copies an `<img src="./cat.jpg?nobg">` of a template unchanged into the page.
 *
 * @param dir the folder of the build's pages.
 * @throws {Error} if `unprocessed` is `error`, the default.
 */
export async function checkPages(
  options: Options,
  dir: URL,
  { base, build: { assets: assetsDir } }: AstroConfig,
  logger: AstroIntegrationLogger,
): Promise<void> {
  const folder = fileURLToPath(dir)
  const warn = (text: string) => logger.warn(text)
  const names = listFiles(folder, warn)
  // The names of emitted files are unique, so that any host may precede them. Other files are compared by their whole path.
  const isEmitted = (name: string) => name.startsWith(`${assetsDir}/`)
  const paths = names
    .filter(name => !isEmitted(name))
    .flatMap(name => [`/${name}`, posix.join('/', base, name)])
  const assets = new Set([...paths, ...names.filter(isEmitted).map(name => basename(name))])
  const read = names.filter(name => READ_FILE.test(name) && (PAGE.test(name) || !isEmitted(name)))
  const found = await findInWrittenFiles(folder, read, assets, warn)
  reportUnprocessed(options, found, HINT, { warn, fail: throwMessage })
}

/**
 * Checks the small scripts that a server writes into its pages for marked references. Astro removes these scripts from the
 * bundle before a plugin can read them.
 *
 * @throws {Error} if `unprocessed` is `error`, the default.
 */
export function checkInlinedScripts(
  options: Options,
  { inlinedScripts = [], assets }: ServerManifest,
  logger: AstroIntegrationLogger,
): void {
  const outputs = inlinedScripts.map(([id, text]) => ({ fileName: id.replace(/\?.*$/s, ''), text }))
  const found = findUnprocessed(outputs, new Set(assets))
  reportUnprocessed(options, found, HINT, { warn: text => logger.warn(text), fail: throwMessage })
}
