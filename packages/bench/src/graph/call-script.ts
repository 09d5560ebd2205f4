import { fork } from 'node:child_process'
import { once } from 'node:events'
import { allocator } from '../../../core/src/workers/open-pool.ts'

/**
 * Runs a script of this folder in a child process, with the allocator's settings of core's child processes.
 *
 * @returns the message that it sends
 * @throws {Error} if it ends without a message
 */
export async function callScript<Answer>(script: string, args: readonly string[]): Promise<Answer> {
  const env = { GLIBC_TUNABLES: allocator, ...process.env }
  const child = fork(new URL(`./${script}.ts`, import.meta.url), args, { env })
  const ended = once(child, 'exit')
  const [answer] = await Promise.race([once(child, 'message'), ended])
  const [code, signal] = await ended
  if (typeof answer !== 'object' || answer === null) throw new Error(`${script} ended with ${signal ?? code}`)
  return answer as Answer
}
