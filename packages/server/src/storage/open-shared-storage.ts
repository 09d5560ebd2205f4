import { NobgError } from '@nobg/core'
import { createStorage, type Driver, type Storage } from 'unstorage'
import s3Driver from 'unstorage/drivers/s3'
import { loadRedis } from '../redis/load-redis.ts'

/**
 * Opens a storage of files that several machines share, by its address:
 *
 * * `redis://host:6379`: Redis, which removes expired files;
 * * `s3://bucket?endpoint=https://…&region=…`: any S3 service, with the keys of `AWS_ACCESS_KEY_ID` and
 *   `AWS_SECRET_ACCESS_KEY`. A rule of the bucket must remove old files.
 *
 * @param onError is called for each lost connection; the client connects again by itself.
 * @throws {NobgError} INVALID_OPTION, also if the packages for Redis are not installed
 */
export async function openSharedStorage(
  address: string,
  onError: (error: unknown) => void,
): Promise<Storage> {
  const url = URL.parse(address)
  if (url && /^rediss?:$/.test(url.protocol)) {
    const { openRedisStorage } = await loadRedis('storage', () => import('../redis/open-redis-storage.ts'))
    return openRedisStorage(address, onError)
  }
  if (url?.protocol === 's3:') return createStorage({ driver: createS3Driver(url) })
  throw new NobgError(
    'INVALID_OPTION',
    'storage: expected redis://… or s3://bucket?endpoint=…, got another address.',
    {
      hint: 'Write redis://localhost:6379, or s3://pictures?endpoint=https://s3.eu-central-1.amazonaws.com&region=eu-central-1.',
    },
  )
}

function createS3Driver({ hostname: bucket, pathname, searchParams }: URL): Driver {
  if (pathname.length > 1)
    throw new NobgError('INVALID_OPTION', `storage: expected s3://bucket without a path, got ${pathname}.`, {
      hint: 'Give nobg a bucket without other files: it stores files at the root.',
    })
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env
  const endpoint = searchParams.get('endpoint')
  const given = { bucket, endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
  const missing = Object.entries(given).find(([, value]) => !value)?.[0]
  if (!accessKeyId || !secretAccessKey || !endpoint || missing)
    throw new NobgError('INVALID_OPTION', `storage: expected ${missing}, got nothing.`, {
      hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and write s3://bucket?endpoint=https://….',
    })
  const region = searchParams.get('region') ?? 'auto'
  const driver = s3Driver({ bucket, endpoint, region, accessKeyId, secretAccessKey })
  // The driver takes a 404 for success: without the bucket, every file would be lost without an error.
  const checkStored = async (key: string) => {
    if (!(await driver.hasItem(key, {})))
      throw new Error(
        `Expected the bucket ${bucket} to hold the file that was written, got nothing: the bucket may not exist.`,
      )
  }
  return {
    ...driver,
    async setItem(key, value, options) {
      await driver.setItem?.(key, value, options)
      await checkStored(key)
    },
    async setItemRaw(key, value, options) {
      await driver.setItemRaw?.(key, value, options)
      await checkStored(key)
    },
    async getItemRaw(key, options) {
      const bytes = await driver.getItemRaw?.(key, options)
      return bytes && new Uint8Array(bytes as ArrayBuffer)
    },
  }
}
