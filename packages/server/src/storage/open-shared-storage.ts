import { NobgError } from '@nobg/core'
import { loadRedis } from '../redis/load-redis.ts'
import type { StreamedStorage } from './content.ts'
import { openS3 } from './open-s3.ts'

/**
 * Opens a storage of files that several machines share, by its address:
 *
 * * `redis://host:6379`: Redis, which removes expired files;
 * * `s3://bucket?endpoint=https://…&region=…`: any S3 service, see {@link openS3}. A rule of the bucket must remove old
 *   files.
 *
 * @param onError is called for each lost connection; the client connects again by itself.
 * @throws {NobgError} INVALID_OPTION, also if the packages for Redis are not installed
 */
export async function openSharedStorage(
  address: string,
  onError: (error: unknown) => void,
): Promise<StreamedStorage> {
  const url = URL.parse(address)
  if (url && /^rediss?:$/.test(url.protocol)) {
    const { openRedisStorage } = await loadRedis('storage', () => import('../redis/open-redis-storage.ts'))
    return openRedisStorage(address, onError)
  }
  if (url?.protocol === 's3:') return openS3(url)
  throw new NobgError(
    'INVALID_OPTION',
    'storage: expected redis://… or s3://bucket?endpoint=…, got another URL.',
    {
      hint: 'Write redis://localhost:6379, or s3://pictures?endpoint=https://s3.eu-central-1.amazonaws.com&region=eu-central-1.',
    },
  )
}
