import type { TokenFileStore } from '../files/token-file-store.ts'
import { connectRedis, waitForever } from './connect.ts'
import { createRedisBackend } from './redis-backend.ts'
import { type JobSettings, type RunningJobs, runJobs } from './run-jobs.ts'

/**
 * Connects to Redis and starts to run its requests.
 *
 * @throws {NobgError} INVALID_OPTION if no Redis answers
 */
export async function openJobs(
  url: string,
  fileStore: TokenFileStore,
  settings: Omit<JobSettings, 'backend' | 'redis'>,
): Promise<RunningJobs> {
  const redis = await connectRedis(url, waitForever, settings.onError)
  const backend = createRedisBackend(redis, fileStore, settings.onError)
  const jobs = await runJobs({ ...settings, backend, redis })
  return {
    async close() {
      await jobs.close()
      await backend.close()
      redis.disconnect()
    },
  }
}
