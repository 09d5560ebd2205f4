// `pnpm bench:server [--minutes 3] [--clients 8] [--megapixels 1]`: clients against the server's queue, beside the engine alone.
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { listTree, readCpuMs, readEndedCpuMs, readRssMb } from '../process-tree.ts'
import { runClients } from './clients.ts'
import { drawPhotograph, varyPicture } from './pictures.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    clients: { type: 'string', default: '8' },
    megapixels: { type: 'string', default: '1' },
  },
})
const photograph = await drawPhotograph(Number(values.megapixels))
const spanMs = Number(values.minutes) * 60_000
const folder = await mkdtemp(join(tmpdir(), 'nobg-bench-server-'))
try {
  const engine = await measureEngine()
  const server = await measureServer(Number(values.clients))
  const { finished, lost, statusMs, rssMb } = server
  const sorted = statusMs.toSorted((one, other) => one - other)
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
  const line = (text: string) => process.stdout.write(`${text}\n`)
  line(`engine alone: ${perMinute(engine.finished)} pictures/min, ${perPicture(engine)} CPU ms each`)
  line(
    `server, ${values.clients} clients: ${perMinute(finished)} pictures/min, ${perPicture(server)} CPU ms each`,
  )
  line(
    `server ÷ engine: throughput ${(finished / engine.finished).toFixed(2)}, CPU ${(perPicture(server) / perPicture(engine)).toFixed(3)}`,
  )
  line(`clients, on the same processors: ${Math.round(server.clientCpuMs / finished)} CPU ms a picture`)
  line(
    `status calls while the model runs, as clients see them: p50 ${sorted[sorted.length >> 1]?.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms of ${sorted.length}`,
  )
  line(`the server's event loop: ${server.loopP99Ms.toFixed(1)} ms late at the 99th percentile`)
  line(
    `memory of the server and its processes, by quarters of the time: ${rssMb.map(mb => mb.toFixed(0)).join(', ')} MB`,
  )
  line(`lost: ${lost} of ${finished + lost}`)
  line(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.version}, ${values.minutes} min each`,
  )
  if (lost > 0) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

interface Measured {
  finished: number
  cpuMs: number
}

function perMinute(finished: number): string {
  return (finished / (spanMs / 60_000)).toFixed(1)
}

function perPicture({ finished, cpuMs }: Measured): number {
  return Math.round(cpuMs / finished)
}

/** CPU time of a process and all that it started, so far. */
function readTreeMs({ pid = 0 }: ChildProcess): number {
  return listTree(pid).reduce((sum, one) => sum + readCpuMs(one) + readEndedCpuMs(one), 0)
}

/** The engine in a process of its own, fed with as many pictures as the server takes at a time. */
async function measureEngine(): Promise<Measured> {
  const child = fork(pathOf('engine'), [join(folder, 'engine')], { serialization: 'advanced' })
  await once(child, 'message')
  const cut = async (id: number) => {
    child.send({ id, image: varyPicture(photograph) })
    for (;;) if ((await once(child, 'message'))[0] === id) return
  }
  await Promise.all([cut(-1), cut(-2)])
  const until = Date.now() + spanMs
  const startedMs = readTreeMs(child)
  let finished = 0
  const feed = async () => {
    while (Date.now() < until) {
      await cut(finished + Math.random())
      finished++
    }
  }
  // One more than work at a time: the next is there when one has ended.
  await Promise.all([feed(), feed(), feed()])
  const cpuMs = readTreeMs(child) - startedMs
  child.disconnect()
  await once(child, 'exit')
  return { finished, cpuMs }
}

async function measureServer(clients: number) {
  const child = startServer()
  const url = await readAddress(child)
  await runClients(url, photograph, 2, Date.now() + 1)
  const startedMs = readTreeMs(child)
  const rssMb: number[] = []
  const sampler = setInterval(() => rssMb.push(readRssMb(listTree(child.pid ?? 0))), spanMs / 4 - 50)
  const ownCpu = process.cpuUsage()
  const seen = await runClients(url, photograph, clients, Date.now() + spanMs)
  const clientCpu = process.cpuUsage(ownCpu)
  clearInterval(sampler)
  const cpuMs = readTreeMs(child) - startedMs
  const loopP99Ms = await readLoopDelay(url)
  child.kill('SIGTERM')
  await once(child, 'exit')
  const clientCpuMs = (clientCpu.user + clientCpu.system) / 1000
  return { ...seen, cpuMs, clientCpuMs, loopP99Ms, rssMb: rssMb.slice(0, 4) }
}

/** `nobg serve`, as it is. */
function startServer() {
  const cli = fileURLToPath(new URL('../../../cli/src/bin.ts', import.meta.url))
  const words = [
    'serve',
    '--port',
    '0',
    '--data-dir',
    join(folder, 'server'),
    '--cache-dir',
    join(folder, 'cache'),
  ]
  return spawn(process.execPath, [cli, ...words, '--no-download'], { stdio: ['ignore', 'ignore', 'pipe'] })
}

async function readAddress({ stderr }: { stderr: Readable }): Promise<string> {
  const [line] = await once(createInterface(stderr), 'line')
  return line.match(/http:\S+\d/)[0]
}

/** Beyond the 10 ms that Node's monitor sleeps between two looks. */
async function readLoopDelay(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^nodejs_eventloop_lag_p99_seconds (.+)$/m.exec(metrics)?.[1]) * 1000 - 10
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`./${name}.ts`, import.meta.url))
}
