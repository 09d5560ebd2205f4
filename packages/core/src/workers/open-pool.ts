import { extname } from 'node:path'
import Tinypool from 'tinypool'

export type Runtime = 'child_process' | 'worker_threads'

/** What differs between the pools. */
export interface PoolSettings {
  runtime: Runtime
  /** Workers at most; there are none until the first job. */
  size: number
  /** How long a worker without a job lives on. */
  idleTimeoutMs: number
}

/** Opens a pool of workers on `<name>.worker`. At most `size` jobs may be given to it at a time. */
export function openPool(name: string, { runtime, size, idleTimeoutMs }: PoolSettings): Tinypool {
  const pool = new Tinypool({
    // Sources run as .ts inside the workspace and as .js once published.
    filename: new URL(`./${name}.worker${extname(import.meta.url)}`, import.meta.url).href,
    runtime,
    minThreads: 0,
    maxThreads: size,
    idleTimeout: idleTimeoutMs,
    // Between processes typed arrays would else travel as JSON.
    serialization: 'advanced',
    // Without it a child would have no environment at all. ONNX Runtime reports to its makers unless told not to, and
    // nobg says that images and all that is done with them stay here.
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' } as Record<string, string>,
    execArgv: [],
  })
  // A worker died that had no job: either it was idle, and its successor starts with the next job, or it died at its
  // start, and the job that waits for it would wait for ever.
  pool.on('error', () => pool.cancelPendingTasks())
  return pool
}
