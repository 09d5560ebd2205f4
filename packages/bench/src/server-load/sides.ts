import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { listTree, readCpuMs, readEndedCpuMs, readRssMb } from '../process-tree.ts'
import { openClients, type Seen } from './clients.ts'
import { varyPicture } from './pictures.ts'

/** What is compared, in a process of its own. */
export interface Side {
  /** Cuts out pictures, the last of which begins before the moment has come. */
  work(until: number): Promise<Seen>
  /** CPU time of the process and all that it started, so far, in ms. */
  readCpuMs(): number
  /** Resident memory of the process and all that it started, in MB. */
  readRssMb(): number
  close(): Promise<void>
}

/** The engine alone, handed as many pictures as the server takes at a time, and one more that waits. */
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
    async work(until) {
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

/** A {@link Side} that can say how late its event loop was. */
export interface ServerSide extends Side {
  /** At the 99th percentile, in ms, beyond the 10 ms that Node's monitor sleeps between two looks. */
  readLoopDelay(): Promise<number>
}

/** `nobg serve`, as it is, and clients of its queue. */
export async function openServer(
  folder: string,
  photograph: Uint8Array,
  clients: number,
): Promise<ServerSide> {
  const folders = ['--data-dir', join(folder, 'data'), '--cache-dir', join(folder, 'cache')]
  const words = ['serve', '--port', '0', ...folders, '--no-download']
  const child = spawn(process.execPath, [pathOf('../../../cli/src/bin.ts'), ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [line] = await once(createInterface(child.stderr), 'line')
  const url = line.match(/http:\S+\d/)[0]
  const them = openClients(url, photograph, clients)
  return {
    ...describe(child),
    work: until => them.work(until),
    async readLoopDelay() {
      const metrics = await (await fetch(`${url}/metrics`)).text()
      return Number(/^nodejs_eventloop_lag_p99_seconds (.+)$/m.exec(metrics)?.[1]) * 1000 - 10
    },
    async close() {
      await them.close()
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** How long each status call takes, in ms, at a server that does nothing else, while a side works. */
export async function measureYardstick(beside: Side, clients: number, until: number): Promise<number[]> {
  const child = fork(pathOf('./bare-server.ts'))
  const [port] = await once(child, 'message')
  const them = openClients(`http://127.0.0.1:${port}`, new Uint8Array(), clients)
  // The first call of each compiles code and connects.
  await them.poll(Date.now() + 3000)
  const [{ statusMs }] = await Promise.all([them.poll(until), beside.work(until)])
  await them.close()
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
