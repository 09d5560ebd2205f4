import { MessageChannel } from 'node:worker_threads'
import type Tinypool from 'tinypool'
import { abortError, NobgError, throwIfAborted } from '../shared/errors.ts'
import { explainDeath } from './explain-death.ts'
import type { StepRequest } from './image.worker.ts'
import { type Reply, readReply } from './reply.ts'
import type { Steps } from './steps.ts'
import { readDeath } from './watch-deaths.ts'

/** A thread that one picture has for itself. Its pixels are there, from the first step to the last. */
export interface ImageThread {
  /**
   * Takes one step, and waits for its end; there is never more than one at a time. The array in `input.data`, if there is
   * one, is moved to the thread and empty afterwards; the one in the result's `data` has come the same way.
   *
   * @throws {NobgError} the step's own; INFERENCE_FAILED when the thread dies; ABORTED, but not in the middle of sharp's work
   */
  run<Name extends keyof Steps>(
    step: Name,
    input: Parameters<Steps[Name]>[0],
    signal?: AbortSignal,
  ): Promise<Awaited<ReturnType<Steps[Name]>>>
}

/**
 * The steps during which a thread may be ended. sharp 0.35.5 never frees the picture that it works on when its thread ends
 * (1912 MB after 200 aborts of 4 megapixels), and its steps are short; arithmetic hears of nothing before it is done.
 */
const endable: ReadonlySet<keyof Steps> = new Set(['compose'])

/** Runs a job that has a thread of the pool for itself; settles when the thread is free again. */
export async function withImageThread<Value>(
  pool: Tinypool,
  job: (thread: ImageThread) => Promise<Value>,
): Promise<Value> {
  const { port1: port, port2 } = new MessageChannel()
  const end = new AbortController()
  const attended: Promise<void> = pool.run({ port: port2 }, { transferList: [port2], signal: end.signal })
  const death = attended.then(
    () => new Error('it ended too early'),
    (cause: Error) => cause,
  )
  let left = false

  async function ask(request: StepRequest): Promise<Reply<unknown>> {
    const answered = new Promise<Reply<unknown>>(resolve => port.once('message', resolve))
    const { data } = (request.input ?? {}) as { data?: Uint8Array<ArrayBuffer> }
    port.postMessage(request, data ? [data.buffer] : [])
    return Promise.race([answered, death.then(cause => explain(request.step, cause))])
  }

  async function explain(step: keyof Steps, cause: Error): Promise<never> {
    throw explainDeath(`The thread that worked on the picture (${step})`, await readDeath(pool, cause))
  }

  const run = async (step: keyof Steps, input: unknown, signal?: AbortSignal) => {
    throwIfAborted(signal)
    if (left) throw new NobgError('ABORTED', 'The picture whose pixels were wanted has been given up.')
    const endThread = () => end.abort()
    if (endable.has(step)) signal?.addEventListener('abort', endThread, { once: true })
    try {
      return readReply(await ask({ step, input }))
    } catch (error) {
      throw signal?.aborted ? abortError(signal) : error
    } finally {
      signal?.removeEventListener('abort', endThread)
    }
  }

  try {
    return await job({ run: run as ImageThread['run'] })
  } finally {
    left = true
    port.close()
    await death
  }
}
