import { allocator } from '../../../core/src/workers/open-pool.ts'
import { callSource } from '../call-source.ts'

/**
 * Runs a script of this folder in a child process, with the allocator's settings of core's child processes.
 *
 * @returns the message that it sends
 * @throws {Error} if it ends without a message
 */
export function callScript<Answer>(script: string, args: readonly string[]): Promise<Answer> {
  return callSource(`graph/${script}`, args, { GLIBC_TUNABLES: allocator, ...process.env })
}
