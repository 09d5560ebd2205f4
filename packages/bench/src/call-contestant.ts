import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ContestantAnswer, ContestantOrder } from './contestant.ts'
import type { BenchModel } from './pipelines/pipeline.ts'

/** The process of one contestant. */
export interface Call {
  pid: number
  /** @throws {Error} with the contestant's message if it fails */
  ask(order: ContestantOrder): Promise<Exclude<ContestantAnswer, { error: string }>>
  hangUp(): Promise<void>
}

/** Starts the process of a contestant. The first order loads the model. */
export function callContestant(id: string, model: BenchModel): Call {
  const folder = mkdtempSync(join(tmpdir(), 'nobg-bench-'))
  const runs = join(folder, 'runs')
  writeFileSync(runs, '')
  const process = startProcess('contestant', [id, model], { NOBG_BENCH_RUNS: runs })
  return {
    pid: process.pid!,
    async ask(order) {
      process.send(order)
      const answered = new AbortController()
      const first = ['message', 'exit'].map(event => once(process, event, { signal: answered.signal }))
      const reply = await Promise.race(first).finally(() => answered.abort())
      const answer: ContestantAnswer =
        typeof reply[0] === 'object' ? reply[0] : { error: `ended with ${reply.join(' ')}` }
      if (answer && 'error' in answer) throw new Error(answer.error)
      return answer
    },
    async hangUp() {
      if (process.exitCode === null && process.signalCode === null) {
        const gone = once(process, 'exit')
        process.disconnect()
        await gone
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Forks a script of this folder. `session-clock` measures ONNX Runtime's sessions in that process and in its children. */
export function startProcess(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcess {
  const clock = new URL('./session-clock.js', import.meta.url).href
  return fork(fileURLToPath(new URL(`./${script}.js`, import.meta.url)), args, {
    execArgv: [],
    env: { ...process.env, ...env, NODE_OPTIONS: `--import ${clock}` },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}
