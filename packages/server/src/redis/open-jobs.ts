import type { FileShelf } from '../files/file-shelf.ts'
import { connectRedis, waitForever } from './connect.ts'
import { createExchange } from './exchange.ts'
import { type RunningJobs, type RunSettings, runJobs } from './run-jobs.ts'

/**
 * Connects to a Redis, and begins to run what lies in it.
 *
 * @throws {NobgError} INVALID_OPTION where there is none
 */
export async function openJobs(
  url: string,
  shelf: FileShelf,
  settings: Omit<RunSettings, 'exchange' | 'redis'>,
): Promise<RunningJobs> {
  const redis = await connectRedis(url, waitForever, settings.onError)
  const exchange = createExchange(redis, shelf, settings.onError)
  const jobs = await runJobs({ ...settings, exchange, redis })
  return {
    async close() {
      await jobs.close()
      await exchange.close()
      redis.disconnect()
    },
  }
}
