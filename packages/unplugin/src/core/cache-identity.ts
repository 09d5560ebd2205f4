import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ResolvedOptions } from './options.ts'

/**
 * Digest of everything that decides a picture, or whether there is one, apart from the photograph and the reference. A
 * host that keeps its work on disk must not use work of another identity: it restores modules without asking nobg.
 *
 * @returns 16 hex digits
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
  // A digest, because a variable may hold the key of a server.
  return createHash('sha256').update(JSON.stringify(setup)).digest('hex').slice(0, 16)
}

/** Core is released together with this package. */
function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
}

/** Size and time of change of a model file of the user's own; hashing it would delay each start. */
function statWeights(path: string): [bytes: number, changedMs: number] | undefined {
  const stats = statSync(resolve(path), { throwIfNoEntry: false })
  return stats && [stats.size, stats.mtimeMs]
}
