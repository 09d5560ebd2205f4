import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A proxy of a Redis server that can answer commands itself. */
export interface RefusingProxy extends AsyncDisposable {
  url: string
  /** Answers each command with this error; `undefined` passes commands to Redis. */
  refuse(error: string | undefined): void
}

/** Opens a proxy. Commands must be short: each packet of a client holds whole commands. */
export async function openRefusingProxy(url: string): Promise<RefusingProxy> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let refusal: string | undefined
  const server = createServer(client => {
    const redis = connect(Number(port), hostname)
    const end = () => void [client, redis].map(socket => socket.destroy())
    for (const socket of [client, redis]) sockets.add(socket.on('error', end).on('close', end))
    redis.pipe(client)
    client.on('data', data => {
      if (refusal === undefined) redis.write(data)
      else client.write(`-${refusal}\r\n`.repeat(countCommands(data.toString('latin1'))))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as { port: number }).port}`,
    refuse(error) {
      refusal = error
    },
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** A command is a list of texts: `*2`, `$3`, `GET`, `$1`, `a`. */
function countCommands(lines: string): number {
  return lines.match(/^\*\d+\r$/gm)?.length ?? 0
}
