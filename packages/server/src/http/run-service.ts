import type { Context } from 'hono'
import { Hono } from 'hono'
import { apps } from '../requests/request.ts'
import { refuseMethod, submitRequest } from './read-request.ts'
import { type Services, sendOutcome } from './services.ts'

/** `fal.run`: submits a request and answers with its result. */
export function createRunService(services: Services): Hono {
  const { queue } = services
  const paths = apps.map(app => `/${app}`)
  const run = async (context: Context) => {
    const { id } = await submitRequest(context, services)
    const { signal } = context.req.raw
    try {
      for await (const { outcome } of queue.watch(id, signal))
        if (outcome) return await sendOutcome(context, services, id, outcome)
    } finally {
      // If the client has closed the connection or the server closes, nobody will read the result. Does nothing after the end.
      await queue.cancel(id)
    }
    return context.json({ detail: 'The server is closing.' }, 503, { 'x-fal-request-id': id })
  }
  return new Hono().on('POST', paths, run).on(['GET', 'PUT', 'DELETE', 'PATCH'], paths, refuseMethod)
}
