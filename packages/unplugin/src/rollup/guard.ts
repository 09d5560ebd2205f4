import { basename } from 'node:path'
import type { PluginContext } from 'rollup'
import type { ResolvedOptions } from '../core/options.ts'
import { isGuarded, reportUnprocessed } from '../core/report-unprocessed.ts'
import { findLinksBesideModules } from '../references/links-beside-modules.ts'
import { type Bundle, readBundle } from '../references/read-bundle.ts'
import { MARKED_TEXT } from '../references/reference.ts'
import { findUnprocessed } from '../references/unprocessed.ts'

const HINT = `nobg processes the imports of modules. Write import cat from './cat.jpg?nobg' instead of new URL('./cat.jpg?nobg',
import.meta.url). The import gives the same URL. The addresses in JSX are strings: import the picture, and write <img src={cat}>.`

/** Reports the marked references that are left in a bundle, as the option `unprocessed` says. */
export function guardBundle(options: ResolvedOptions, context: PluginContext, bundle: Bundle): void {
  if (!isGuarded(options)) return
  const assets = new Set(Object.keys(bundle).map(name => basename(name)))
  const outputs = readBundle(bundle)
  const found = findUnprocessed(outputs, assets)
  const marked = outputs.filter(({ text }) => MARKED_TEXT.test(text))
  found.push(...findLinksBesideModules(marked, () => context.getModuleIds()))
  reportUnprocessed(options, found, HINT, {
    warn: message => context.warn(message),
    fail: message => context.error(message),
  })
}
