import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { digestBytesSync } from '@nobg/core/internal'
import type { ResolvedOptions } from './options.ts'

/**
 * Digest of everything except photograph and reference that changes a picture or switches nobg off. A host with a cache on
 * disk restores modules without calling nobg, and must not restore modules of another identity.
 *
 * @returns 16 hex digits.
 */
export function identifySetup(
  { config, presets, enabled, unprocessed }: ResolvedOptions,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const { store: _, logger: __, ...plain } = config
  const variables = Object.entries(env).filter(([name]) => /^NOBG(?:_|$)/.test(name))
  const paths = Object.values(config.models ?? {}).map(({ path }) => path)
  const setup = [
    readVersion(),
    plain,
    presets,
    enabled,
    unprocessed,
    variables.sort(),
    paths.map(statWeights),
  ]
  // A variable may contain a secret: only a digest may reach the host's cache.
  return digestBytesSync(JSON.stringify(setup)).slice(0, 16)
}

/** Core is released together with this package. */
function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
}

/** Size and modification time of the user's model file. Hashing the file would delay each start. */
function statWeights(path: string): [bytes: number, changedMs: number] | undefined {
  const stats = statSync(resolve(path), { throwIfNoEntry: false })
  return stats && [stats.size, stats.mtimeMs]
}
