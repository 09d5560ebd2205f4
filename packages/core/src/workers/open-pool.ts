import { pathToFileURL } from 'node:url'
import Tinypool from 'tinypool'
import { BUNDLE_HINT, findWorkerFile } from '../shared/bundle.ts'
import { NobgError } from '../shared/errors.ts'
import { refuseOtherRuntimes } from './runtime.ts'
import { watchDeaths } from './watch-deaths.ts'

type Runtime = 'child_process' | 'worker_threads'

/** What differs between the pools. */
export interface PoolSettings {
  runtime: Runtime
  /** Workers at most; there are none until the first job. */
  size: number
  /** How long a worker without a job lives on. */
  idleTimeoutMs: number
  /** Whether a child process gives freed memory back at once, and not when it can do so cheaply. */
  frugal?: boolean
}

/**
 * How glibc allocates in a child process. Huge pages where the kernel grants them: a network touches hundreds of MB for
 * the first time, and each page of 4 KB costs an interrupt. On a virtual machine a process that ran u2netp once took 0.5 CPU
 * seconds instead of 1.7, IS-Net without an arena half the time. A fixed threshold for mapping large blocks: it would
 * else rise with every block freed, and leave the heap in pieces. At 4 MiB what is below it, and needs no huge page, is taken
 * from the heap: BiRefNet lite, 1.73 GB in 10.7 CPU seconds, took 1.63 GB in 16.5 with a threshold of 256 KiB.
 * Other C libraries and systems do not look at it.
 *
 * @see https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
 */
const allocator = {
  quick: 'glibc.malloc.hugetlb=1',
  frugal: 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4194304',
}

/**
 * Opens a pool of workers on `<name>.worker`. At most `size` jobs may be given to it at a time.
 *
 * @throws {NobgError} INFERENCE_FAILED if core's worker files are not there, or in another runtime than Node
 */
export function openPool(name: string, settings: PoolSettings): Tinypool {
  refuseOtherRuntimes()
  const { runtime, size, idleTimeoutMs, frugal } = settings
  const path = findWorkerFile(name)
  if (!path) {
    throw new NobgError(
      'INFERENCE_FAILED',
      `Expected the file ${name}.worker beside the code of @nobg/core, got none: @nobg/core is part of a bundle.`,
      { hint: BUNDLE_HINT },
    )
  }
  const pool = new Tinypool({
    filename: pathToFileURL(path).href,
    runtime,
    minThreads: 0,
    maxThreads: size,
    idleTimeout: idleTimeoutMs,
    // Between processes typed arrays would else travel as JSON.
    serialization: 'advanced',
    // Without it a child would have no environment at all. ONNX Runtime reports to its makers by default not to, and
    // nobg says that images and all that is done with them stay here.
    env: {
      GLIBC_TUNABLES: frugal ? allocator.frugal : allocator.quick,
      ...process.env,
      ORT_DISABLE_TELEMETRY: '1',
    } as Record<string, string>,
    execArgv: [],
  })
  watchDeaths(pool)
  return pool
}
