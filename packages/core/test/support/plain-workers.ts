import type { WorkerSettings } from '../../src/workers/pools.ts'

/** Settings of workers that use the CPU, stay alive when idle, and log nothing. */
export const plainWorkers: WorkerSettings = {
  threads: 1,
  executionProviders: ['cpu'],
  memory: 'auto',
  idleTimeoutMs: 60_000,
  concurrency: 1,
  isolate: false,
  logger: { info() {}, warn() {} },
}
