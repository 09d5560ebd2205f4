import type Tinypool from 'tinypool'
import { abortError, NobgError, throwIfAborted } from '../shared/errors.ts'
import { explainExit } from './explain-exit.ts'
import type { StepRequest } from './image.worker.ts'
import { openProcessLink, openThreadLink } from './image-link.ts'
import { type Reply, readReply } from './reply.ts'
import type { Steps } from './steps.ts'
import { readExit, watchProcess } from './watch-exits.ts'

/** A thread, or a process, that works on one picture at a time and holds its pixels. */
export interface ImageThread {
  /**
   * Runs one step and waits for its end. Do not call it while another step runs. An array in `input.data` is transferred
   * to the thread and is empty afterwards. An array in the result's `data` is transferred back.
   *
   * @throws {NobgError} the step's error; INFERENCE_FAILED if the thread ends unexpectedly; ABORTED before a step, during `compose`, and in a process during every step
   */
  run<Name extends keyof Steps>(
    step: Name,
    input: Parameters<Steps[Name]>[0],
    signal?: AbortSignal,
  ): Promise<Awaited<ReturnType<Steps[Name]>>>
}

/**
 * The steps during which an abort ends the thread. During a step of sharp it must not: sharp 0.35.5 then leaks the picture
 * (1912 MB after 200 aborts of 4 megapixels), and its work goes on. `compose` blocks its thread, so ending the thread is the
 * only way to stop it. A process ends during every step.
 */
const ABORTABLE_STEPS: ReadonlySet<keyof Steps> = new Set(['compose'])

/**
 * Runs a job with a thread of the pool reserved for it. Settles after the thread is free again.
 *
 * @param isolate whether the pool has processes instead of threads
 */
export async function withImageThread<Value>(
  pool: Tinypool,
  isolate: boolean,
  job: (thread: ImageThread) => Promise<Value>,
): Promise<Value> {
  const end = new AbortController()
  const link = (isolate ? openProcessLink : openThreadLink)(pool, end.signal)
  if (isolate) watchProcess(pool)
  const exit = link.ended.then(
    () => new Error('the thread ended before the step'),
    (cause: Error) => cause,
  )
  let released = false

  async function ask(request: StepRequest): Promise<Reply<unknown>> {
    return Promise.race([link.ask(request), exit.then(cause => explain(request.step, cause))])
  }

  async function explain(step: keyof Steps, cause: Error): Promise<never> {
    throw explainExit(`The thread that processed the picture (${step})`, await readExit(pool, cause))
  }

  const run = async (step: keyof Steps, input: unknown, signal?: AbortSignal) => {
    throwIfAborted(signal)
    if (released) throw new NobgError('ABORTED', 'The thread was released before this step.')
    const endThread = () => end.abort()
    if (isolate || ABORTABLE_STEPS.has(step)) signal?.addEventListener('abort', endThread, { once: true })
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
    released = true
    link.close()
    await exit
  }
}
