import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A Node process that runs a script. */
export interface Script {
  process: ChildProcess
  /** Returns the next printed line; undefined after the last line. */
  readLine(): Promise<string | undefined>
  /** Exit code, when the process has ended; null if a signal ended it. */
  ended: Promise<number | null>
}

/** Runs a module in a new Node process without the test runner, like a user's program. */
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
