import { NobgError } from '../shared/errors.ts'

/** Runtimes that imitate Node but whose worker threads and child processes nobg cannot use. */
const OTHERS = [
  ['bun', 'Bun'],
  ['deno', 'Deno'],
] as const

/**
 * The workers need the threads and child processes of Node itself.
 *
 * @param versions `process.versions`
 * @throws {NobgError} INFERENCE_FAILED in Bun and Deno
 */
export function refuseOtherRuntimes(versions: Record<string, string | undefined> = process.versions): void {
  for (const [key, name] of OTHERS) {
    if (versions[key] === undefined) continue
    throw new NobgError('INFERENCE_FAILED', `Expected Node 22.19 or newer, got ${name} ${versions[key]}.`, {
      hint: `nobg runs in Node only: start this program with node instead of ${key}.`,
    })
  }
}
