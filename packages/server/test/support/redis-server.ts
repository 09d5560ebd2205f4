import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'

/** Whether Debian's `redis-server` (or another) is installed. */
export const hasRedisServer = spawnSync('redis-server', ['--version']).status === 0

/** A Redis server of a test. */
export interface RedisServer {
  url: string
  /** Empties it. */
  clear(): Promise<void>
  /** @returns all keys and values as text */
  dump(): Promise<string>
  /** Ends it like a loss of power. */
  kill(): Promise<void>
  /** Starts it again at the same address; empty unless it writes to the disk. */
  start(): Promise<void>
}

/** @param keeps whether each write is flushed to the disk before the answer; otherwise none is written. */
export async function startRedisServer(dir: string, keeps = false): Promise<RedisServer> {
  let port = await findFreePort()
  let url = `redis://127.0.0.1:${port}`
  let server: ChildProcess
  async function start(): Promise<void> {
    const appending = keeps ? '--appendonly yes --appendfsync always' : '--appendonly no'
    const options = `--port ${port} --bind 127.0.0.1 --save  ${appending} --dir`.split(' ')
    server = spawn('redis-server', [...options, dir], { stdio: 'ignore' })
    // Another test may have taken the port: then its server answers, and this one ends.
    const isOurs = (info: string) => info.includes(`process_id:${server.pid}\r\n`)
    while (!(await ask(url, redis => redis.info('server')).then(isOurs, () => false))) {
      if (server.exitCode !== null) throw new Error(`redis-server ended with code ${server.exitCode}`)
      await delay(20)
    }
  }
  for (let tries = 1; ; tries++) {
    try {
      await start()
      break
    } catch (error) {
      if (tries === 5) throw error
      port = await findFreePort()
      url = `redis://127.0.0.1:${port}`
    }
  }
  return {
    url,
    start,
    clear: () => ask(url, async redis => void (await redis.flushall())),
    dump: () => ask(url, dumpAll),
    async kill() {
      const ended = once(server, 'exit')
      server.kill('SIGKILL')
      await ended
    },
  }
}

async function ask<Reply>(url: string, question: (redis: Redis) => Promise<Reply>): Promise<Reply> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null }).on('error', () => {})
  try {
    await redis.connect()
    return await question(redis)
  } finally {
    redis.disconnect()
  }
}

async function dumpAll(redis: Redis): Promise<string> {
  const keys = await redis.keys('*')
  const dumps = await Promise.all(
    keys.map(async key => `${key} ${(await redis.dumpBuffer(key))?.toString('latin1')}`),
  )
  return dumps.join('\n')
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
