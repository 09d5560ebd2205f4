import { join } from 'node:path'
import { createWorker } from '../../src/index.ts'

/** A worker in a process of its own, to be killed: `work.ts <folder> <address of Redis>`. Says to its parent what it is at. */
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
