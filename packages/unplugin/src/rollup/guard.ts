import { basename } from 'node:path'
import type { PluginContext } from 'rollup'
import type { ResolvedOptions } from '../core/options.ts'
import { type Bundle, readBundle } from '../references/read-bundle.ts'
import { describeUnprocessed, findUnprocessed } from '../references/unprocessed.ts'

const HINT = `nobg sees the imports of modules. Write import cat from './cat.jpg?nobg' in place of new URL('./cat.jpg?nobg',
import.meta.url): the import is such a URL.`

/** Fails a build whose output still holds a marked reference, which would show the original photograph, silently. */
export function guardBundle(
  { unprocessed, enabled }: ResolvedOptions,
  context: PluginContext,
  bundle: Bundle,
): void {
  if (unprocessed === 'ignore' || !enabled) return
  const assets = new Set(Object.keys(bundle).map(name => basename(name)))
  const found = findUnprocessed(readBundle(bundle), assets)
  if (found.length === 0) return
  if (unprocessed === 'warn') context.warn(describeUnprocessed(found, HINT))
  else context.error(describeUnprocessed(found, HINT))
}
