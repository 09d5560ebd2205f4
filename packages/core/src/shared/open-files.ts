import { setTimeout as delay } from 'node:timers/promises'
import PQueue from 'p-queue'
import { abortError } from './errors.ts'

/** Maximum number of open files: more are not faster, and file descriptors are limited. */
const FILES_AT_ONCE = 8
/** Maximum wait for a free file descriptor. */
const LONGEST_WAIT_MS = 60_000
const RETRY_AFTER_MS = 50

const queue = new PQueue({ concurrency: FILES_AT_ONCE })

/**
 * Runs a job that opens and closes a file; a process runs at most eight such jobs at a time. Retries the job for up to a
 * minute if there is no free file descriptor. A job must not call this function.
 *
 * @throws {NobgError} ABORTED
 * @throws {unknown} the error of the job
 */
export async function withOpenFile<Value>(job: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
  try {
    return await queue.add(() => retryWithoutDescriptors(job, signal), { signal })
  } catch (error) {
    throw signal?.aborted ? abortError(signal) : error
  }
}

async function retryWithoutDescriptors<Value>(
  job: () => Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  const started = performance.now()
  for (;;) {
    try {
      return await job()
    } catch (error) {
      if (!lacksDescriptors(error) || performance.now() - started > LONGEST_WAIT_MS) throw error
    }
    await delay(RETRY_AFTER_MS, undefined, { signal })
  }
}

/** Whether the process (EMFILE) or the system (ENFILE) has too many open files. */
export function lacksDescriptors(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return code === 'EMFILE' || code === 'ENFILE'
}
