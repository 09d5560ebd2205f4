import KeyvRedis from '@keyv/redis'
import { Keyv } from 'keyv'
import { afterAll, it } from 'vitest'
import { fileStore } from '../../src/cache/file-store.ts'
import { tieredStore } from '../../src/cache/tiered-store.ts'
import { hasRedisServer, startRedisServer } from './redis-server.ts'
import { makeTempDir } from './temp-dir.ts'
import { testStore } from './test-store.ts'

const dir = makeTempDir()
testStore('files', () => fileStore({ dir }))

const map = new Map<string, unknown>()
testStore('a Map', () => map)

const inner = new Map<string, unknown>()
testStore('a Keyv with a namespace of its own', () => new Keyv({ store: inner, namespace: 'mine' }))

const tieredDir = makeTempDir()
const behind = new Map<string, unknown>()
testStore('files before a Map', () => tieredStore(fileStore({ dir: tieredDir }), behind))

if (hasRedisServer) {
  const redis = await startRedisServer(makeTempDir())
  afterAll(() => redis.kill())
  testStore('Redis', () => new KeyvRedis(redis.client))
  testStore('Redis with a namespace of its own', () => new KeyvRedis(redis.client, { namespace: 'mine' }))
  const redisDir = makeTempDir()
  testStore('files before Redis', () =>
    tieredStore(fileStore({ dir: redisDir }), new KeyvRedis(redis.client)),
  )
} else {
  it.skip('Redis (redis-server is not installed: apt-get install redis-server)', () => {})
}
