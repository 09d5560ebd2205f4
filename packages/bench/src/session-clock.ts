// Preloaded (`--import`) into every measured process and its children. Appends a line with the cost of each
// InferenceSession.run, by any caller, to the file that NOBG_BENCH_RUNS names.
import { channel } from 'node:diagnostics_channel'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'

/** Time inside `InferenceSession.run`, in ms. */
export interface RunTime {
  wallMs: number
  /** CPU time of all threads of the process that runs the session. */
  cpuMs: number
}

interface SessionClass {
  prototype: { run: (...args: unknown[]) => Promise<unknown> }
}

const file = process.env.NOBG_BENCH_RUNS
const clocked = new WeakSet<object>()

// Every copy of ONNX Runtime loads its session class from a package of this name by `require`.
channel('tracing:module.require:end').subscribe(message => {
  const { id, result } = message as { id: string; result?: { InferenceSession?: SessionClass } }
  const session = id === 'onnxruntime-common' ? result?.InferenceSession?.prototype : undefined
  if (!file || !session || clocked.has(session)) return
  clocked.add(session)
  const { run } = session
  session.run = async function (...args) {
    const cpu = process.cpuUsage()
    const wall = performance.now()
    const output = await run.apply(this, args)
    const wallMs = performance.now() - wall
    const { user, system } = process.cpuUsage(cpu)
    appendFileSync(file, `${JSON.stringify({ wallMs, cpuMs: (user + system) / 1000 } satisfies RunTime)}\n`)
    return output
  }
})

/** Returns the sum of all lines since the last call. */
export function takeRunTime(): RunTime {
  const total = { wallMs: 0, cpuMs: 0 }
  if (!file) return total
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const time: RunTime = JSON.parse(line)
    total.wallMs += time.wallMs
    total.cpuMs += time.cpuMs
  }
  writeFileSync(file, '')
  return total
}
