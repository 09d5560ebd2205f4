import { pathToFileURL } from 'node:url'
import Tinypool from 'tinypool'
import { BUNDLE_HINT, findWorkerFile } from '../shared/bundle.ts'
import { NobgError } from '../shared/errors.ts'
import { refuseOtherRuntimes } from './runtime.ts'
import { watchExits } from './watch-exits.ts'

type Runtime = 'child_process' | 'worker_threads'

/** What differs between the pools. */
export interface PoolSettings {
  runtime: Runtime
  /** Maximum number of workers. The first job starts the first worker. */
  size: number
  /** Milliseconds after which an idle worker ends. */
  idleTimeoutMs: number
}

/**
 * Settings of glibc's allocator in child processes; other C libraries ignore them.
 *
 * - `hugetlb`: huge pages, because each first access to a page of 4 KB costs an interrupt. On a virtual machine u2netp's
 *   first run took 0.5 instead of 1.7 CPU seconds, IS-Net without an arena half the time.
 * - `mmap_threshold`: a fixed threshold, because the default rises with each freed block and fragments the heap, and a process
 *   that stays for many pictures would keep the memory of the largest. IS-Net peaks
 *   at 0.82 instead of 0.87 to 0.97 GB. BiRefNet lite takes 1.73 GB and 10.7 CPU seconds with 4 MiB, 1.63 GB and 16.5 CPU
 *   seconds with 256 KiB. With 32 MiB, or with fewer arenas of glibc, nothing is gained.
 *
 * @see https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
 */
export const allocator = 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4194304'

/**
 * Opens a pool of workers that run `<name>.worker`. Give it at most `size` jobs at a time.
 *
 * @throws {NobgError} INFERENCE_FAILED if the worker file is missing, or if the runtime is not Node
 */
export function openPool(name: string, settings: PoolSettings): Tinypool {
  refuseOtherRuntimes()
  const { runtime, size, idleTimeoutMs } = settings
  const path = findWorkerFile(name)
  if (!path) {
    throw new NobgError(
      'INFERENCE_FAILED',
      `Expected the file ${name}.worker next to the code of @nobg/core, got none: @nobg/core is part of a bundle.`,
      { hint: BUNDLE_HINT },
    )
  }
  const pool = new Tinypool({
    filename: pathToFileURL(path).href,
    runtime,
    minThreads: 0,
    maxThreads: size,
    idleTimeout: idleTimeoutMs,
    // The default, JSON, has no typed arrays.
    serialization: 'advanced',
    // Without `env` a child has an empty environment. ONNX Runtime's telemetry is off: nobg sends no data about images.
    env: {
      GLIBC_TUNABLES: allocator,
      ...process.env,
      ORT_DISABLE_TELEMETRY: '1',
    } as Record<string, string>,
    execArgv: [],
  })
  watchExits(pool)
  return pool
}
