import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { explainRefusal, isRefusal } from '../../src/redis/refusal.ts'
import { key, openServer, type TestServer } from '../support/open-server.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts'
import { openRefusingProxy } from '../support/refusing-proxy.ts'

const app = '/queue.fal.run/fal-ai/birefnet'
let dir: string
let redis: RedisServer
let admin: Redis

beforeAll(async () => {
  if (!hasRedisServer) return
  dir = await mkdtemp(join(tmpdir(), 'nobg-refusal-'))
  redis = await startRedisServer(dir)
  admin = new Redis(redis.url)
  await admin.acl('SETUSER', 'served', 'on', '>pw', '~*', '&*', '+@all')
})

afterAll(async () => {
  if (!hasRedisServer) return
  admin.disconnect()
  await redis.kill()
  await rm(dir, { recursive: true, force: true })
})

const call = async ({ url }: TestServer, path: string, init: RequestInit = {}) => {
  const response = await fetch(new URL(path, url), { headers: { authorization: `Key ${key}` }, ...init })
  return { status: response.status, body: await response.json() }
}
const post = (it: TestServer, path: string) =>
  call(it, path, { method: 'POST', body: '{"image_url":"data:,a"}' })

/** Opens a server, and collects the lines of its log. */
async function openLogged(url: string) {
  const lines: object[] = []
  const note = (facts: object) => void lines.push(facts)
  const it = await openServer({ redis: url, logger: { info() {}, warn: note, error: note } })
  return { it, readLog: () => JSON.stringify(lines) }
}

const refusals: [string, RegExp, () => Promise<unknown>, () => Promise<unknown>][] = [
  [
    'is a replica by now',
    /READONLY/,
    () => admin.replicaof('127.0.0.1', '1'),
    () => admin.replicaof('NO', 'ONE'),
  ],
  [
    'lacks replicas',
    /NOREPLICAS/,
    () => admin.config('SET', 'min-replicas-to-write', '1'),
    () => admin.config('SET', 'min-replicas-to-write', '0'),
  ],
  [
    'denies a command of a script',
    /executing the script|ACL failure/,
    () => admin.acl('SETUSER', 'served', '-xadd'),
    () => admin.acl('SETUSER', 'served', '+@all'),
  ],
]

test.skipIf(!hasRedisServer).each(refusals)(
  'if Redis %s, calls are answered 503 with a line in the log, and work again afterwards (skipped without redis-server)',
  async (_, reason, begin, end) => {
    const { it, readLog } = await openLogged(redis.url.replace('://', '://served:pw@'))
    await using _it = it
    await begin()
    expect(await post(it, app)).toMatchObject({ status: 503 })
    expect(readLog()).toMatch(reason)
    await end()
    while ((await post(it, app)).status !== 200) await delay(100)
  },
)

test
  .skipIf(!hasRedisServer)
  .each([
    'NOAUTH Authentication required.',
    'WRONGPASS invalid username-password pair or user is disabled.',
    'LOADING Redis is loading the dataset in memory',
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.',
  ])(
  'a Redis that answers "%s": 503 for calls, with a line in the log (skipped without redis-server)',
  async refusal => {
    await using proxy = await openRefusingProxy(redis.url)
    const { it, readLog } = await openLogged(proxy.url)
    await using _it = it
    const { request_id } = (await post(it, app)).body
    proxy.refuse(refusal)
    expect(await post(it, app)).toMatchObject({ status: 503 })
    expect(await call(it, `${app}/requests/${request_id}/status`)).toMatchObject({ status: 503 })
    expect(await post(it, '/rest.fal.ai/storage/upload/initiate')).toMatchObject({ status: 503 })
    expect(readLog()).toContain(refusal)
    proxy.refuse(undefined)
    while ((await post(it, app)).status !== 200) await delay(100)
  },
)

test.skipIf(!hasRedisServer)(
  'the state of a waiting request is read from a Redis whose memory is full (skipped without redis-server)',
  async () => {
    await redis.clear()
    await using it = await openServer({ redis: redis.url })
    const ids = [(await post(it, app)).body.request_id, (await post(it, app)).body.request_id]
    await admin.config('SET', 'maxmemory', '1')
    try {
      for (const [position, id] of ids.entries())
        expect(await call(it, `${app}/requests/${id}/status`)).toMatchObject({
          status: 202,
          body: { status: 'IN_QUEUE', queue_position: position },
        })
    } finally {
      await admin.config('SET', 'maxmemory', '0')
    }
  },
)

test.each([
  "ERR Error running script (call to f_1): @user_script:1: @user_script: 1: -READONLY You can't write against a read only replica.",
  "ERR Error running script (call to f_1): @user_script:1: The user executing the script can't run this command or subcommand",
  "ERR ACL failure in script: User u has no permissions to run the 'xadd' command script: 1, on @user_script:582.",
  'ERR max number of clients reached',
  'EXECABORT Transaction discarded because of previous errors.',
])('a refusal of other versions and commands: %s', message => {
  const error = new Error('outer', { cause: new Error(message) })
  expect([isRefusal(error), explainRefusal(error)]).toEqual([
    true,
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  ])
})

test.each([
  'ERR unknown command',
  'WRONGTYPE Operation against a key holding the wrong kind of value',
  'BUSYGROUP Consumer Group name already exists',
  'the picture READONLY.png',
])('no refusal: %s', message => {
  const error = new Error(message)
  expect([isRefusal(error), explainRefusal(error)]).toEqual([false, error])
})
