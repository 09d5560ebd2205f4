import type { FileStore } from '../files/file-store.ts'
import { connectRedis, waitForever } from './connect.ts'
import { createRedisBackend } from './redis-backend.ts'
import { type RunningJobs, type RunSettings, runJobs } from './run-jobs.ts'

/**
 * Connects to a Redis, and begins to run what lies in it.
 *
 * @throws {NobgError} INVALID_OPTION where there is none
 */
export async function openJobs(
  url: string,
  fileStore: FileStore,
  settings: Omit<RunSettings, 'backend' | 'redis'>,
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
