import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A Node process that runs a script of ours. */
export interface Script {
  process: ChildProcess
  /** The next line that it prints; undefined when it printed its last. */
  readLine(): Promise<string | undefined>
  /** Exit code, once it has ended; null where a signal ended it. */
  ended: Promise<number | null>
}

/** Starts a module in a Node process of its own, as a user's program would run: plain Node, nothing of the test runner. */
export function startScript(source: string, environment: NodeJS.ProcessEnv = {}): Script {
  const { NODE_OPTIONS: _, ...env } = { ...process.env, ...environment }
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  const lines = readLines(child)
  return {
    process: child,
    readLine: async () => (await lines.next()).value,
    ended: once(child, 'close').then(([code]) => code),
  }
}

async function* readLines({ stdout }: ChildProcess): AsyncGenerator<string, undefined> {
  let text = ''
  for await (const chunk of stdout ?? []) {
    const lines = (text + chunk).split('\n')
    text = lines.pop() ?? ''
    yield* lines
  }
  return undefined
}
