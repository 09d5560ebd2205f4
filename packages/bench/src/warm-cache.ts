// Child process: with the task `fill` it fills the cache; otherwise it plans and fetches pictures that are in the cache.
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { importCore } from './pipelines/nobg.ts'
import { listTree } from './process-tree.ts'

/** Cost of a picture from a warm cache: mean wall time in ms over all pictures. */
export interface CacheFigures {
  pictures: number
  /** Import of @nobg/core and creation of the remover, once. */
  openMs: number
  /** Reading and hashing the bytes, which is a part of `plan`. */
  hashMs: number
  /** The first `plan` of a file in a process, with the hash. */
  planMs: number
  /** A later `plan` of the same file, without the hash. */
  planAgainMs: number
  /** `ensure` of a planned picture, which verifies the file. */
  ensureMs: number
  /** CPU time of the whole process. */
  cpuMs: number
  rssMb: number
  /** Paths of ONNX Runtime's libraries that were loaded. */
  runtimeLoaded: string[]
  /** Number of child processes. */
  children: number
}

const [task, folder, cacheDir] = process.argv.slice(2)
const paths = readdirSync(folder).map(name => join(folder, name))
const options = { model: 'u2netp' } as const

const opened = performance.now()
const { createRemover } = await importCore()
const remover = createRemover({ cacheDir, download: false })
const openMs = performance.now() - opened
process.send?.(task === 'fill' ? await fill() : await measure())
process.disconnect()

async function fill(): Promise<number> {
  for (const path of paths) await remover.ensure(await remover.plan(path, options))
  await remover.close()
  return paths.length
}

async function measure(): Promise<CacheFigures> {
  const hashOnce = () => timeEach(paths, hashFile)
  const { ms: firstHashMs } = await hashOnce()
  const { ms: hashMs } = await hashOnce()
  const { ms: planMs, values: plans } = await timeEach(paths, path => remover.plan(path, options))
  const { ms: planAgainMs } = await timeEach(paths, path => remover.plan(path, options))
  const { ms: ensureMs, values: files } = await timeEach(plans, plan => remover.ensure(plan))
  if (files.some(({ cached }) => !cached)) throw new Error('expected every picture in the cache')
  const { user, system } = process.cpuUsage()
  const report = process.report.getReport() as { sharedObjects?: string[] }
  return {
    pictures: paths.length,
    openMs,
    hashMs: Math.min(firstHashMs, hashMs),
    planMs,
    planAgainMs,
    ensureMs,
    cpuMs: (user + system) / 1000,
    rssMb: process.resourceUsage().maxRSS * 1024e-6,
    runtimeLoaded: (report.sharedObjects ?? []).filter(path => path.includes('onnxruntime')),
    children: listTree(process.pid).length - 1,
  }
}

async function hashFile(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

async function timeEach<Item, Value>(
  items: readonly Item[],
  job: (item: Item) => Promise<Value>,
): Promise<{ ms: number; values: Value[] }> {
  const values: Value[] = []
  const started = performance.now()
  for (const item of items) values.push(await job(item))
  return { ms: (performance.now() - started) / items.length, values }
}
