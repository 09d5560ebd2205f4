import { spawn, spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A Redis server of a test, with a socket in `dir`. */
export interface RedisServer {
  /** Options for a client of Redis. */
  client: { socket: { path: string; tls: false } }
  /** Ends the server like a loss of power. */
  kill(): Promise<void>
}

/** Whether Debian's `redis-server` (or another) is installed. */
export const hasRedisServer = spawnSync('redis-server', ['--version']).status === 0

/** Starts a Redis server without persistence, and waits until it answers. */
export async function startRedisServer(dir: string): Promise<RedisServer> {
  const path = join(dir, 'redis.sock')
  const options = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', dir]
  const server = spawn('redis-server', options, { stdio: 'ignore' })
  const ended = new Promise<void>(resolve => server.once('exit', () => resolve()))
  while (!(await answers(path))) {
    if (server.exitCode !== null) throw new Error(`redis-server ended with code ${server.exitCode}`)
    await delay(20)
  }
  return {
    client: { socket: { path, tls: false } },
    async kill() {
      server.kill('SIGKILL')
      await ended
    },
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
