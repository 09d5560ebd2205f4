import { existsSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import type { ResolvedConfig } from 'vite'
import { findPartialMentions, type PartialMention } from '../partials.ts'
import { type Bundle, readBundle } from '../read-bundle.ts'
import { MARKED_TEXT, stripPostfix } from '../reference.ts'
import { slash } from '../slash.ts'
import { describeUnprocessed, findUnprocessed, type Output } from '../unprocessed.ts'
import type { Door, HookContext } from './door.ts'

const HINT = `nobg sees imports, url() and image-set() of style sheets that a module imports or a page links, the asset attributes of
pages, and new URL('…', import.meta.url). It does not see style sheets that another one @imports or @uses, nor links and
data attributes. Import the picture in JavaScript, or the style sheet by itself. What another plugin writes is seen where
nobg() comes after it: plugins: [tailwindcss(), nobg()].`

/**
 * Looks for marked references in the style sheets that one pulls in. A build fails with them at its end, beside those
 * of the output; the development server says it at once.
 */
export async function checkPartials(
  door: Door,
  context: HookContext,
  code: string,
  id: string,
): Promise<void> {
  if (door.options.unprocessed === 'ignore' || !door.options.enabled) return
  const file = stripPostfix(id)
  const resolve = async (specifier: string, importer: string) => {
    const path = (await context.resolve(specifier, importer, { skipSelf: true }))?.id
    return path && stripPostfix(path)
  }
  const mentions = await findPartialMentions(code, file, resolve)
  for (const mention of mentions) door.partials.set(describePartial(mention), mention)
  if (door.server && mentions.length > 0) {
    door.config.logger.warnOnce(describeUnprocessed(mentions.map(describePartial), HINT))
  }
}

/**
 * The guard: a marked reference that reached the output unprocessed would show the original photograph, silently.
 *
 * @throws {Error} where `unprocessed` is `error`, naming each one.
 */
export function guardBundle(door: Door, bundle: Bundle): void {
  const { unprocessed, enabled } = door.options
  if (unprocessed === 'ignore' || !enabled) return
  const outputs = readBundle(bundle)
  const fileNames = Object.keys(bundle).map(fileName => basename(fileName))
  const isMarked = outputs.some(({ text }) => MARKED_TEXT.test(text))
  const assets = new Set([...fileNames, ...(isMarked ? listPublicPaths(door.config) : [])])
  const found = findUnprocessed(outputs, assets)
  found.push(...findStranded(door, outputs), ...door.partials.keys())
  door.partials.clear()
  if (found.length === 0) return
  if (unprocessed === 'warn') door.config.logger.warn(describeUnprocessed(found, HINT))
  else throw Object.assign(new Error(describeUnprocessed(found, HINT)), { stack: '' })
}

/** The paths of the public folder's files on the site, with and without its base, from which code may leave it out. */
function listPublicPaths({ publicDir, base }: ResolvedConfig): string[] {
  if (!publicDir || !existsSync(publicDir)) return []
  const names = readdirSync(publicDir, { recursive: true }).map(name => slash(String(name)))
  return names.flatMap(name => [`/${name}`, ...(base.startsWith('/') ? [base + name] : [])])
}

/** Finished pictures whose files in the cache a page still names, where a version of Vite does not know the attribute. */
function findStranded({ cutouts }: Door, outputs: Output[]): string[] {
  const folder = `/${basename(cutouts.cacheDir)}/`
  const labels = new Map(
    [...cutouts.list()].map(({ file, label }) => [encodeURI(file.slice(cutouts.cacheDir.length + 1)), label]),
  )
  return outputs
    .filter(({ fileName, text }) => /\.html?$/.test(fileName) && text.includes(folder))
    .flatMap(({ fileName, text }) => {
      const addresses = text
        .split(/[\s"'`()<>?#]/)
        .map(url => url.slice(url.lastIndexOf(folder) + folder.length))
      const found = addresses.map(address => labels.get(address)).filter(label => label !== undefined)
      return found.map(label => `${label} in ${fileName}`)
    })
}

function describePartial({ specifier, location: { file, line, column } }: PartialMention): string {
  return `${specifier} in ${file}:${line}:${column + 1}`
}
