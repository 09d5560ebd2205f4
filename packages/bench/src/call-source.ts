import { fork } from 'node:child_process'
import { once } from 'node:events'

/**
 * Runs a TypeScript file of this package in a child process, also from compiled code.
 *
 * @param script path from `src`, without extension
 * @returns the message that it sends
 * @throws {Error} if it ends without a message
 */
export async function callSource<Answer>(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Answer> {
  const child = fork(new URL(`../src/${script}.ts`, import.meta.url), args, { env })
  const ended = once(child, 'exit')
  const [answer] = await Promise.race([once(child, 'message'), ended])
  const [code, signal] = await ended
  if (typeof answer !== 'object' || answer === null) throw new Error(`${script} ended with ${signal ?? code}`)
  return answer as Answer
}
