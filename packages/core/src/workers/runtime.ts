import { NobgError } from '../shared/errors.ts'

/** Runtimes that emulate Node, but whose worker threads and child processes nobg cannot use. */
const OTHERS = [
  ['bun', 'Bun'],
  ['deno', 'Deno'],
] as const

/**
 * Refuses runtimes other than Node: the workers need Node's own threads and child processes.
 *
 * @param versions `process.versions`
 * @throws {NobgError} INFERENCE_FAILED in Bun and Deno
 */
export function refuseOtherRuntimes(versions: Record<string, string | undefined> = process.versions): void {
  for (const [key, name] of OTHERS) {
    if (versions[key] === undefined) continue
    throw new NobgError('INFERENCE_FAILED', `Expected Node 22.19 or newer, got ${name} ${versions[key]}.`, {
      hint: `Start this program with node instead of ${key}.`,
    })
  }
}
