import { join } from 'node:path'
import { createServer } from '../../src/index.ts'

/** A server process that tests kill: `serve.ts <folder> <port> [<address of Redis>]`. Sends its address to the parent, then its log. */
const [dir, port, redis] = process.argv.slice(2)
const server = await createServer({
  dataDir: join(dir, 'data'),
  redis,
  // A cache per process: in a shared one it would wait for the lock of the killed process.
  engine: { substitute: 'u2netp', cacheDir: join(dir, `cache-${process.pid}`), download: false },
  logger: { info: (facts, message) => process.send?.([facts, message]), warn() {}, error() {} },
})
process.send?.(await server.listen({ port: Number(port) }))
