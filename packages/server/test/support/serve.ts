import { join } from 'node:path'
import { createServer } from '../../src/index.ts'

/** A server in a process of its own, to be killed: `serve.ts <folder> <port> [<address of Redis>]`. Says its address to its parent. */
const [dir, port, redis] = process.argv.slice(2)
const server = await createServer({
  dataDir: join(dir, 'data'),
  redis,
  // A cache of its own: in a shared one it would wait for the lock of the killed one, which is core's business.
  engine: { substitute: 'u2netp', cacheDir: join(dir, `cache-${process.pid}`), download: false },
  logger: { info() {}, warn() {}, error() {} },
})
process.send?.(await server.listen({ port: Number(port) }))
