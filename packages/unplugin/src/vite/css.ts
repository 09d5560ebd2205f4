import { askHost } from '../ask-host.ts'
import { findCssSpots } from '../css-spots.ts'
import type { SourceFinder } from '../find-source.ts'
import { rewriteSpots } from '../spot.ts'
import { deliverCutout } from './deliver.ts'
import type { Door, HookContext, Transformed } from './door.ts'
import { findImporter } from './page.ts'
import { planMentioned } from './resolve.ts'

const CSS_ID = /\.(?:css|less|sass|scss|styl|stylus|pcss|postcss|sss)(?:$|\?)|[?&]lang\.css/
const PLAIN_CSS_ID = /\.css(?:$|\?)|[?&]lang\.css/

/** Queries under which Vite makes something else of a style sheet: its text, its URL. */
const SPECIAL_QUERY = /[?&](?:worker|sharedworker|raw|url)\b/

/** Whether a module is a style sheet, style blocks of pages and components included. */
export function isStyleSheet(id: string): boolean {
  return CSS_ID.test(id) && !SPECIAL_QUERY.test(id)
}

/**
 * Puts the files of finished pictures in place of the marked references of a style sheet, because Vite resolves a
 * `url()` without asking any plugin. Waits for the pictures.
 *
 * @throws {LocatedError}
 */
export async function transformCss(
  door: Door,
  context: HookContext,
  code: string,
  id: string,
): Promise<Transformed | undefined> {
  const importer = findImporter(door.config.root, id)
  const finder: SourceFinder = {
    importer,
    publicDir: door.config.publicDir,
    resolve: path => resolveUrl(context, path, importer),
  }
  const result = await rewriteSpots(code, findCssSpots(code, !PLAIN_CSS_ID.test(id)), async reference => {
    const mention = { text: reference.specifier, importer }
    const planned = await planMentioned(door, reference, finder, mention, id)
    if (!planned) return undefined
    context.addWatchFile(planned.source)
    return toCssUrl(await deliverCutout(door, planned, mention, id)) + planned.postfix
  })
  return result && { code: result.toString(), map: result.generateMap({ hires: 'boundary' }) }
}

/** In a style sheet a bare name is relative first, and an alias or a package second. */
async function resolveUrl(context: HookContext, path: string, importer: string): Promise<string | undefined> {
  const candidates = /^[./]/.test(path) ? [path] : [`./${path}`, path]
  for (const candidate of candidates) {
    const file = await askHost(context, candidate, importer)
    if (file) return file
  }
  return undefined
}

/** A form of absolute path that Vite takes in build and development alike, and that no preprocessor rebases. */
function toCssUrl(file: string): string {
  return `/@fs/${encodeURI(file.replace(/^\//, ''))}`
}
