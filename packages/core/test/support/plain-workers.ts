import type { WorkerSettings } from '../../src/workers/pools.ts'

/** Workers that compute on the processor, live on, and say nothing. */
export const plainWorkers: WorkerSettings = {
  threads: 1,
  executionProviders: ['cpu'],
  memory: 'auto',
  idleTimeoutMs: 60_000,
  concurrency: 1,
  logger: { info() {}, warn() {} },
}
