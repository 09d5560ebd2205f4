// The server under load, in a process of its own: prints its address; ends with its input.
import { createServer } from '@nobg/server'

const dataDir = process.argv[2]
const quiet = {
  info() {},
  warn() {},
  error: (facts: object) => process.stderr.write(`${JSON.stringify(facts)}\n`),
}
const server = await createServer({
  dataDir,
  logger: quiet,
  engine: { cacheDir: `${dataDir}/cache`, download: false, logger: quiet },
})
process.stdout.write(`${await server.listen({ port: 0 })}\n`)
process.stdin.on('end', () => server.close()).resume()
