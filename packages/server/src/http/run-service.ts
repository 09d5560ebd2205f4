import { Hono } from 'hono'
import { readBody, readRequest } from './read-request.ts'
import { answerOutcome, type Services } from './services.ts'

/** `fal.run`: a request and its result in one call. */
export function createRunService({ queue, settings }: Services): Hono {
  return new Hono().on('POST', ['/fal-ai/birefnet', '/fal-ai/birefnet/v2'], async context => {
    const request = readRequest(context, await readBody(context), settings)
    await queue.submit(request)
    const { signal } = context.req.raw
    // Who hangs up no longer wants it.
    signal.addEventListener('abort', () => void queue.cancel(request.id), { once: true })
    for await (const { outcome } of queue.watch(request.id, signal))
      if (outcome) return answerOutcome(context, request.id, outcome)
    return context.body(null, 499 as 400)
  })
}
