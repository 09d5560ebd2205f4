import { type Queue, QueueClosedError, QueueFullError, QueueUnavailableError } from '../requests/queue.ts'
import { isRefusal } from './refusal.ts'

/**
 * Wraps a queue: errors of the connection and refusals of Redis become QueueUnavailableError.
 *
 * @param onError is called for each refusal. A lost connection is logged where it is lost.
 */
export function reportLoss(queue: Queue, onError: (error: unknown) => void): Queue {
  const report = (cause: unknown): never => {
    if (isRefusal(cause)) onError(cause)
    throw isLoss(cause) || isRefusal(cause)
      ? new QueueUnavailableError('The queue cannot be reached.', { cause })
      : cause
  }
  return {
    start: () => queue.start(),
    submit: request => queue.submit(request).catch(report),
    find: id => queue.find(id).catch(report),
    async *watch(id, signal) {
      try {
        yield* queue.watch(id, signal)
      } catch (error) {
        report(error)
      }
    },
    wasCut: id => queue.wasCut(id).catch(report),
    cancel: id => queue.cancel(id).catch(report),
    count: () => queue.count().catch(report),
    close: () => queue.close(),
  }
}

const LOSS_CODES = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

/** Whether an error, or one of its causes, means that Redis or S3 cannot be reached now. ioredis has no class for these errors. */
export function isLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof QueueFullError || error instanceof QueueClosedError) return false
  const { name, message, code }: NodeJS.ErrnoException = error
  return (
    name === 'MaxRetriesPerRequestError' ||
    LOSS_CODES.has(code ?? '') ||
    /Connection is closed|Stream isn't writeable|Command timed out|LOADING|READONLY|Connection is in closing/i.test(
      message,
    ) ||
    isLoss(error.cause)
  )
}
