import type { TokenFileStore } from '../files/token-file-store.ts'
import type { RunMetrics } from '../requests/run-metrics.ts'
import { closeUnlessAway } from './close-unless-away.ts'
import { waitForever, waitForRedis } from './connect.ts'
import { createRedisBackend } from './redis-backend.ts'
import { type JobSettings, type RunningJobs, runJobs } from './run-jobs.ts'

/** How a worker waits for a Redis that does not answer yet. */
export interface StartSettings {
  signal?: AbortSignal
  /** Is called once if Redis does not answer. */
  onWait(reason: Error): void
  /** Is called before the first request runs. */
  onOpen?(metrics: RunMetrics): void
}

/**
 * Connects to Redis, waits until it answers, and starts to run its requests.
 *
 * @throws {NobgError} INVALID_OPTION if Redis refuses the connection
 * @throws {Error} the reason of `signal`
 */
export async function openJobs(
  url: string,
  fileStore: TokenFileStore,
  { signal, onWait, onOpen, ...settings }: Omit<JobSettings, 'backend' | 'redis'> & StartSettings,
): Promise<RunningJobs> {
  const closing = new AbortController()
  const waiting = { closing: closing.signal, signal, onWait }
  const redis = await waitForRedis(url, waitForever, settings.onError, waiting)
  const backend = createRedisBackend(redis, fileStore, settings.onError)
  onOpen?.(backend.metrics)
  const jobs = await runJobs({ ...settings, backend, redis })
  return {
    async close() {
      await jobs.close()
      closing.abort()
      await closeUnlessAway(redis, backend.close())
      redis.disconnect()
    },
  }
}
