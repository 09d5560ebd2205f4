import type { Context } from 'hono'
import { Hono } from 'hono'
import { apps } from '../requests/request.ts'
import { refuseMethod, submitRequest } from './read-request.ts'
import { answerOutcome, type Services } from './services.ts'

/** `fal.run`: a request and its result in one call. */
export function createRunService(services: Services): Hono {
  const { queue } = services
  const paths = apps.map(app => `/${app}`)
  const run = async (context: Context) => {
    const { id } = await submitRequest(context, services)
    const { signal } = context.req.raw
    try {
      for await (const { outcome } of queue.watch(id, signal))
        if (outcome) return answerOutcome(context, id, outcome)
    } finally {
      // Who hangs up no longer wants it, and whom the server leaves asks again. What has ended stays as it is.
      await queue.cancel(id)
    }
    return context.json({ detail: 'The server is going down.' }, 503, { 'x-fal-request-id': id })
  }
  return new Hono().on('POST', paths, run).on(['GET', 'PUT', 'DELETE', 'PATCH'], paths, refuseMethod)
}
