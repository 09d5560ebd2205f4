// `pnpm bench:server [--minutes 3] [--clients 8] [--megapixels 1]`: clients against the server's queue, beside the engine alone.
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { drawPhotograph } from './pictures.ts'
import { measureYardstick, openEngine, openServer, type Side } from './sides.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    clients: { type: 'string', default: '8' },
    megapixels: { type: 'string', default: '1' },
  },
})
/** Turns that each side gets: what else the machine does, and how fast it is just now, hurts both alike. */
const turns = 4
const turnMs = (Number(values.minutes) * 60_000) / turns

/** What one side did in all its turns. */
interface Total {
  /** Until the last picture of each turn had ended. */
  wallMs: number
  finished: number
  lost: number
  statusMs: number[]
  cpuMs: number
  /** Of this process, where the clients are. */
  ownCpuMs: number
  /** After each turn. */
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

async function takeTurn(side: Side, total: Total): Promise<void> {
  const cpuMs = side.readCpuMs()
  const own = process.cpuUsage()
  const started = performance.now()
  const { finished, lost, statusMs } = await side.work(Date.now() + turnMs)
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
  for (const side of [engine, server]) await side.work(Date.now() + Math.min(turnMs, 5000))
  for (let turn = 0; turn < turns; turn++) {
    await takeTurn(engine, alone)
    await takeTurn(server, served)
  }
  const loopP99Ms = await server.readLoopDelay()
  await server.close()
  const yardstickMs = await measureYardstick(engine, Number(values.clients), Date.now() + turnMs)
  await engine.close()
  report(alone, served, loopP99Ms, yardstickMs)
  if (served.lost > 0) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

function report(alone: Total, served: Total, loopP99Ms: number, yardstickMs: number[]): void {
  const lines = [
    `engine alone: ${describe(alone)}`,
    `server, ${values.clients} clients: ${describe(served)}`,
    `server ÷ engine: throughput ${(perMinute(served) / perMinute(alone)).toFixed(2)}, CPU ${(perPicture(served) / perPicture(alone)).toFixed(3)}`,
    `clients, on the same processors: ${Math.round(served.ownCpuMs / served.finished)} CPU ms a picture`,
    `status calls while the model runs, as clients see them: ${describeTimes(served.statusMs)}`,
    `the same at a bare HTTP server beside the engine: ${describeTimes(yardstickMs)}`,
    `the server's event loop: ${loopP99Ms.toFixed(1)} ms late at the 99th percentile`,
    `memory of the server and its processes after each turn: ${served.rssMb.map(mb => mb.toFixed(0)).join(', ')} MB`,
    `lost: ${served.lost} of ${served.finished + served.lost}`,
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.version}, ${values.minutes} min each, in ${turns} turns`,
  ]
  for (const line of lines) process.stdout.write(`${line}\n`)
}

function describe(total: Total): string {
  return `${perMinute(total).toFixed(1)} pictures/min, ${Math.round(perPicture(total))} CPU ms each`
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
