import { setTimeout as delay } from 'node:timers/promises'
import PQueue from 'p-queue'
import { abortError } from './errors.ts'

/** Files that this process reads at the same time: more would not be faster, and file descriptors are few. */
const FILES_AT_ONCE = 8
/** How long a job waits for the system to have a file descriptor again. */
const LONGEST_WAIT_MS = 60_000
const RETRY_AFTER_MS = 50

const queue = new PQueue({ concurrency: FILES_AT_ONCE })

/**
 * Runs a job that opens a file and closes it again, a few such jobs at a time over all of this process. If the process or
 * the system has no file descriptor left, the job is run again, for up to a minute. A job must not call this function.
 *
 * Rejects with the job's own error.
 *
 * @throws {NobgError} ABORTED
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

/** Whether the process (EMFILE) or the system (ENFILE) has too many files open: says nothing of the file itself. */
export function lacksDescriptors(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return code === 'EMFILE' || code === 'ENFILE'
}
