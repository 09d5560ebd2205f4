import { NobgError } from '@nobg/core'
import { createStorage, type Driver, type Storage } from 'unstorage'
import redisDriver from 'unstorage/drivers/redis'
import s3Driver from 'unstorage/drivers/s3'
import { failSoon, prefix } from '../redis/connect.ts'

/**
 * Opens a store of files that several machines share, by its address:
 *
 * * `redis://host:6379`: Redis, which forgets what has expired by itself;
 * * `s3://bucket?endpoint=https://…&region=…`: anything that speaks S3, with the keys of `AWS_ACCESS_KEY_ID` and
 *   `AWS_SECRET_ACCESS_KEY`. A rule of the bucket has to remove what is old.
 *
 * @param onError hears of lost connections, which come back by themselves.
 * @throws {NobgError} INVALID_OPTION
 */
export function openSharedStorage(address: string, onError: (error: unknown) => void): Storage {
  const url = URL.parse(address)
  if (url && /^rediss?:$/.test(url.protocol))
    return createStorage({ driver: createRedisDriver(address, onError) })
  if (url?.protocol === 's3:') return createStorage({ driver: createS3Driver(url) })
  throw new NobgError(
    'INVALID_OPTION',
    'storage: expected redis://… or s3://bucket?endpoint=…, got another address.',
    {
      hint: 'Such as redis://localhost:6379, or s3://pictures?endpoint=https://s3.eu-central-1.amazonaws.com&region=eu-central-1.',
    },
  )
}

function createRedisDriver(url: string, onError: (error: unknown) => void): Driver {
  const base = `${prefix}:files`
  // Waits for a connection that is on its way, but not for longer than a command may take.
  const driver = redisDriver({ url, base, ...failSoon, enableOfflineQueue: true })
  const redis = driver.getInstance?.()
  if (!redis || !('getBuffer' in redis)) throw new Error('Expected a client of ioredis.')
  redis.on('error', onError)
  const life = (seconds = 24 * 3600) => Math.max(1, Math.ceil(seconds))
  return {
    ...driver,
    setItem: (key, value, { ttl }) => driver.setItem?.(key, value, { ttl: ttl && life(ttl) }),
    // unstorage's own would be base64: a third more.
    getItemRaw: key => redis.getBuffer(`${base}:${key}`),
    setItemRaw: async (key, value, { ttl }) =>
      void (await redis.set(`${base}:${key}`, Buffer.from(value), 'EX', life(ttl))),
  }
}

function createS3Driver({ hostname: bucket, pathname, searchParams }: URL): Driver {
  if (pathname.length > 1)
    throw new NobgError('INVALID_OPTION', `storage: expected s3://bucket without a path, got ${pathname}.`, {
      hint: 'Files are kept at the root of a bucket: give nobg one of its own.',
    })
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env
  const endpoint = searchParams.get('endpoint')
  const given = { bucket, endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
  const missing = Object.entries(given).find(([, value]) => !value)?.[0]
  if (!accessKeyId || !secretAccessKey || !endpoint || missing)
    throw new NobgError('INVALID_OPTION', `storage: expected ${missing}, got nothing.`, {
      hint: 'AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… and s3://bucket?endpoint=https://…',
    })
  const region = searchParams.get('region') ?? 'auto'
  const driver = s3Driver({ bucket, endpoint, region, accessKeyId, secretAccessKey })
  // The driver takes a 404 for an answer: without a bucket of this name, every file would be lost in silence.
  const checkKept = async (key: string) => {
    if (!(await driver.hasItem(key, {})))
      throw new Error(`The bucket ${bucket} has not kept a file: is it there?`)
  }
  return {
    ...driver,
    async setItem(key, value, options) {
      await driver.setItem?.(key, value, options)
      await checkKept(key)
    },
    async setItemRaw(key, value, options) {
      await driver.setItemRaw?.(key, value, options)
      await checkKept(key)
    },
    async getItemRaw(key, options) {
      const bytes = await driver.getItemRaw?.(key, options)
      return bytes && new Uint8Array(bytes as ArrayBuffer)
    },
  }
}
