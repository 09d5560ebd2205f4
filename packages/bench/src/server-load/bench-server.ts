// `pnpm bench:server [--minutes 3] [--clients 8] [--megapixels 1]`: load of the server's queue, compared with the engine alone.
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { drawPhotograph } from './pictures.ts'
import { measureBaseline, openEngine, openServer, type Side } from './sides.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    clients: { type: 'string', default: '8' },
    megapixels: { type: 'string', default: '1' },
  },
})
/** Both sides run in turns, so that changes of the machine's speed affect both. */
const TURNS = 4
const turnMs = (Number(values.minutes) * 60_000) / TURNS

/** Results of one side in all its turns. */
interface Total {
  /** Time to the end of the last picture of each turn. */
  wallMs: number
  finished: number
  lost: number
  statusMs: number[]
  cpuMs: number
  /** CPU time of this process, which runs the clients. */
  ownCpuMs: number
  /** Resident memory after each turn. */
  rssMb: number[]
}

const createTotal = (): Total => ({
  wallMs: 0,
  finished: 0,
  lost: 0,
  statusMs: [],
  cpuMs: 0,
  ownCpuMs: 0,
  rssMb: [],
})

async function runTurn(side: Side, total: Total): Promise<void> {
  const cpuMs = side.readCpuMs()
  const own = process.cpuUsage()
  const started = performance.now()
  const { finished, lost, statusMs } = await side.run(Date.now() + turnMs)
  const { user, system } = process.cpuUsage(own)
  total.wallMs += performance.now() - started
  total.finished += finished
  total.lost += lost
  total.statusMs.push(...statusMs)
  total.cpuMs += side.readCpuMs() - cpuMs
  total.ownCpuMs += (user + system) / 1000
  total.rssMb.push(side.readRssMb())
}

const folder = await mkdtemp(join(tmpdir(), 'nobg-bench-server-'))
try {
  const photograph = await drawPhotograph(Number(values.megapixels))
  const engine = await openEngine(join(folder, 'engine'), photograph)
  const server = await openServer(join(folder, 'server'), photograph, Number(values.clients))
  const [alone, served] = [createTotal(), createTotal()]
  for (const side of [engine, server]) await side.run(Date.now() + Math.min(turnMs, 5000))
  for (let turn = 0; turn < TURNS; turn++) {
    await runTurn(engine, alone)
    await runTurn(server, served)
  }
  const loopP99Ms = await server.readLoopDelay()
  await server.close()
  const baselineMs = await measureBaseline(engine, Number(values.clients), Date.now() + turnMs)
  await engine.close()
  report(alone, served, loopP99Ms, baselineMs)
  if (served.lost > 0) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

function report(alone: Total, served: Total, loopP99Ms: number, baselineMs: number[]): void {
  const lines = [
    `engine alone: ${describe(alone)}`,
    `server, ${values.clients} clients: ${describe(served)}`,
    `server ÷ engine: throughput ${(perMinute(served) / perMinute(alone)).toFixed(2)}, CPU ${(perPicture(served) / perPicture(alone)).toFixed(3)}`,
    `clients, on the same CPUs: ${Math.round(served.ownCpuMs / served.finished)} CPU ms per picture`,
    `status calls while the model runs, measured by clients: ${describeTimes(served.statusMs)}`,
    `the same calls to a bare HTTP server while the engine runs: ${describeTimes(baselineMs)}`,
    `delay of the server's event loop: ${loopP99Ms.toFixed(1)} ms at the 99th percentile`,
    `memory of the server and its processes after each turn: ${served.rssMb.map(mb => mb.toFixed(0)).join(', ')} MB`,
    `lost: ${served.lost} of ${served.finished + served.lost}`,
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.version}, ${values.minutes} min each, in ${TURNS} turns`,
  ]
  for (const line of lines) process.stdout.write(`${line}\n`)
}

function describe(total: Total): string {
  return `${perMinute(total).toFixed(1)} pictures/min, ${Math.round(perPicture(total))} CPU ms per picture`
}

function describeTimes(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms of ${sorted.length}`
}

function perMinute({ finished, wallMs }: Total): number {
  return finished / (wallMs / 60_000)
}

function perPicture({ finished, cpuMs }: Total): number {
  return cpuMs / finished
}
