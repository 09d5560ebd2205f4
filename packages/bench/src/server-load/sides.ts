import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { listTree, readCpuMs, readEndedCpuMs, readRssMb } from '../process-tree.ts'
import { type ClientStats, openClients } from './clients.ts'
import { varyPicture } from './pictures.ts'

/** One side of the comparison, in a process. */
export interface Side {
  /** Cuts out pictures; starts none after the time `until`. */
  run(until: number): Promise<ClientStats>
  /** @returns CPU time of the process and its descendants so far, in ms */
  readCpuMs(): number
  /** @returns resident memory of the process and its descendants, in MB */
  readRssMb(): number
  close(): Promise<void>
}

/** Opens the engine alone. It gets as many pictures as the server runs at a time, and a waiting one. */
export async function openEngine(folder: string, photograph: Uint8Array): Promise<Side> {
  const child = fork(pathOf('./engine.ts'), [folder], { serialization: 'advanced' })
  await once(child, 'message')
  let ids = 0

  async function cut(): Promise<void> {
    const id = ids++
    child.send({ id, image: varyPicture(photograph) })
    for (;;) if ((await once(child, 'message'))[0] === id) return
  }

  return {
    ...describe(child),
    async run(until) {
      let finished = 0
      const feed = async () => {
        while (Date.now() < until) {
          await cut()
          finished++
        }
      }
      await Promise.all([feed(), feed(), feed()])
      return { finished, lost: 0, statusMs: [] }
    },
    async close() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** The server, which also reports the delay of its event loop. */
export interface ServerSide extends Side {
  /** @returns the delay at the 99th percentile in ms, without the 10 ms of Node's sampling interval */
  readLoopDelay(): Promise<number>
}

/** Opens `nobg serve` and clients of its queue. */
export async function openServer(
  folder: string,
  photograph: Uint8Array,
  clients: number,
): Promise<ServerSide> {
  const folders = ['--data-dir', join(folder, 'data'), '--cache-dir', join(folder, 'cache')]
  const args = ['serve', '--port', '0', ...folders, '--no-download']
  const child = spawn(process.execPath, [pathOf('../../../cli/src/bin.ts'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [line] = await once(createInterface(child.stderr), 'line')
  const url = line.match(/http:\S+\d/)[0]
  const group = openClients(url, photograph, clients)
  return {
    ...describe(child),
    run: until => group.run(until),
    async readLoopDelay() {
      const metrics = await (await fetch(`${url}/metrics`)).text()
      return Number(/^nodejs_eventloop_lag_p99_seconds (.+)$/m.exec(metrics)?.[1]) * 1000 - 10
    },
    async close() {
      await group.close()
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** @returns time of each status call at a bare HTTP server, in ms, while a side runs */
export async function measureBaseline(beside: Side, clients: number, until: number): Promise<number[]> {
  const child = fork(pathOf('./bare-server.ts'))
  const [port] = await once(child, 'message')
  const group = openClients(`http://127.0.0.1:${port}`, new Uint8Array(), clients)
  // The first calls compile code and open connections.
  await group.poll(Date.now() + 3000)
  const [{ statusMs }] = await Promise.all([group.poll(until), beside.run(until)])
  await group.close()
  child.disconnect()
  return statusMs
}

function describe({ pid = 0 }: ChildProcess) {
  return {
    readCpuMs: () => listTree(pid).reduce((sum, one) => sum + readCpuMs(one) + readEndedCpuMs(one), 0),
    readRssMb: () => readRssMb(listTree(pid)),
  }
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}
