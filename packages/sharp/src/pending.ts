import { NobgError } from '@nobg/core'
import type { Sharp } from 'sharp'

/** The work that produces the picture of a sharp instance and of its clones. */
export interface Pending {
  /** Starts the work; later calls do nothing. */
  start(): void
  /** Rejects when the work fails; never resolves. */
  failed: Promise<never>
  fail(error: unknown): void
}

/** Makes the image file that becomes the input of a sharp instance. */
export type MakeFile = (signal: AbortSignal) => Promise<Buffer>

/**
 * Prepares the work for `instance`, which takes its input as a stream: once started, `make` makes the file and the file becomes
 * the input. The work stops when `signal` fires and when the instance is destroyed.
 */
export function promiseFile(instance: Sharp, make: MakeFile, signal?: AbortSignal): Pending {
  const feed = instance.end.bind(instance) as (file: Buffer) => void
  const destroyed = new AbortController()
  const either = signal ? AbortSignal.any([signal, destroyed.signal]) : destroyed.signal
  const { failed, fail } = createFailure()
  let started = false
  const abort = () => fail(new NobgError('ABORTED', 'The removal was aborted.', { cause: either.reason }))

  instance.once('close', () => {
    if (instance.writableFinished) return
    destroyed.abort(new Error('The sharp instance was destroyed.'))
    abort()
  })
  const start = () => {
    if (started) return
    started = true
    if (either.aborted) return abort()
    // Some work cannot be stopped: fail at once and do not wait for it.
    either.addEventListener('abort', abort)
    make(either)
      .then(feed, fail)
      .finally(() => either.removeEventListener('abort', abort))
  }
  return { start, failed, fail }
}

function createFailure(): Pick<Pending, 'failed' | 'fail'> {
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Without a pending method call the failure must not become an unhandled rejection.
  failed.catch(() => {})
  return { failed, fail }
}
