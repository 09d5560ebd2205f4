import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { listTree, readRssMb } from '../process-tree.ts'

interface MachinesSettings {
  dir: string
  port: number
  /** Whether there are a Redis server and a worker. */
  withRedis: boolean
}

/** Resident memory in MB. */
export interface MemorySample {
  /** The main processes, without those of models and pictures. */
  server: number
  worker: number
  /** Server and worker with all their processes. */
  all: number
}

/** The processes of a server, which can be stopped, killed and started again. */
export interface Machines {
  /** Stops or kills a process, and starts it again. Each number is another outage. */
  disturb(number: number): Promise<void>
  readMemory(): MemorySample
  /** @returns lines that the processes wrote to stderr, without those of a start and a stop */
  describeErrors(): string[]
  close(): Promise<void>
}

const REDIS_AWAY_MS = 2000
const bin = fileURLToPath(new URL('../../../cli/src/bin.ts', import.meta.url))

export async function openMachines({ dir, port, withRedis }: MachinesSettings): Promise<Machines> {
  const redisPort = port + 1
  const redis = withRedis ? ['--redis', `redis://127.0.0.1:${redisPort}`] : []
  const shared = ['--no-download', ...redis]
  const commands = {
    redis: [
      'redis-server',
      '--port',
      `${redisPort}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--dir',
      dir,
    ].concat(['--appendonly', 'yes', '--appendfsync', 'always']),
    server: [
      process.execPath,
      bin,
      'serve',
      '--port',
      `${port}`,
      '--public-url',
      `http://127.0.0.1:${port}`,
    ].concat([
      '--max-close-time',
      '3',
      '--data-dir',
      join(dir, 'data'),
      '--cache-dir',
      join(dir, 'cache'),
      ...shared,
    ]),
    worker: [
      process.execPath,
      bin,
      'worker',
      '--max-close-time',
      '3',
      '--cache-dir',
      join(dir, 'worker'),
      ...shared,
    ],
  }
  type Name = keyof typeof commands
  const running = new Map<Name, ChildProcess>()
  const errors: string[] = []

  function start(name: Name): void {
    const [command, ...words] = commands[name]
    const env = { ...process.env, NOBG_SUBSTITUTE: 'u2netp' }
    const child = spawn(command, words, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    createInterface(child.stderr).on('line', line => {
      if (!/Stopping after|nobg server|nobg worker|http:|Ctrl-C|To use a program|substitute/.test(line))
        errors.push(line)
    })
    running.set(name, child)
  }
  async function end(name: Name, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = running.get(name)
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  async function restart(name: Name, signal: 'SIGTERM' | 'SIGKILL', awayMs = 0): Promise<void> {
    await end(name, signal)
    await delay(awayMs)
    start(name)
  }

  const outages = withRedis
    ? [
        () => restart('redis', 'SIGKILL', REDIS_AWAY_MS),
        () => restart('worker', 'SIGKILL'),
        () => restart('server', 'SIGTERM'),
        () => restart('worker', 'SIGTERM'),
        () => restart('server', 'SIGKILL'),
      ]
    : [() => restart('server', 'SIGTERM'), () => restart('server', 'SIGKILL')]

  if (withRedis) {
    start('redis')
    await delay(1000)
    start('worker')
  }
  start('server')
  while (!(await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok) await delay(100)
  return {
    disturb: number => outages[number % outages.length](),
    readMemory() {
      const [server, worker] = (['server', 'worker'] as const).map(name => running.get(name)?.pid)
      const own = (pid: number | undefined) => (pid === undefined ? 0 : readRssMb([pid]))
      const all = [server, worker].flatMap(pid => (pid === undefined ? [] : listTree(pid)))
      return { server: own(server), worker: own(worker), all: readRssMb(all) }
    },
    describeErrors: () => errors,
    async close() {
      for (const name of ['server', 'worker', 'redis'] as const) await end(name, 'SIGKILL')
    },
  }
}
