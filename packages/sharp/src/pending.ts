import { NobgError } from '@nobg/core'
import type { Sharp } from 'sharp'

/** A picture on its way to a sharp instance and to its clones. */
export interface Pending {
  /** Begins, once. */
  start(): void
  /** Rejects when the picture will not come, and never resolves. */
  failed: Promise<never>
  fail(error: unknown): void
}

/** Makes the file that a sharp instance is fed with. */
export type MakeFile = (signal: AbortSignal) => Promise<Buffer>

/**
 * Promises `instance`, which takes its bytes as a stream, the file that `make` makes when somebody asks for it. The work
 * stops when `signal` fires, and when the instance is destroyed.
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
    // Where the signal fires amid work that cannot be stopped, nobody shall wait for that.
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
  // Where nobody has asked, nobody needs to hear of it.
  failed.catch(() => {})
  return { failed, fail }
}
