import { join } from 'node:path'
import { createWorker } from '../../src/index.ts'

/** A worker process that tests kill: `work.ts <folder> <address of Redis>`. Sends its log to the parent. */
const [dir, redis] = process.argv.slice(2)
const quiet = { info() {}, warn() {} }
await createWorker({
  redis,
  concurrency: 1,
  takeoverMs: 2000,
  engine: {
    substitute: 'u2netp',
    cacheDir: join(dir, `cache-${process.pid}`),
    download: false,
    logger: quiet,
  },
  logger: { ...quiet, info: (facts, message) => process.send?.([facts, message]), error: console.error },
})
process.send?.('ready')
