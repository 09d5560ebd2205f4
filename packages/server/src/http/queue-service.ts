import { type Context, Hono } from 'hono'
import { describeStatus } from '../fal/status.ts'
import type { Queue } from '../requests/queue.ts'
import { apps, type Outcome } from '../requests/request.ts'
import { refuseMethod, submitRequest } from './read-request.ts'
import { type Services, sendOutcome } from './services.ts'
import { streamStatus } from './stream-status.ts'

/** `queue.fal.run`: submit, status, stream, result, cancel. A request is found by its id, below the path of either app. */
export function createQueueService(services: Services, onError: (error: unknown) => void): Hono {
  const { queue, addresses } = services
  const app = new Hono()
  const paths = apps.map(app => `/${app}`)

  app.on('POST', paths, async context => {
    const { id, position } = await submitRequest(context, services)
    const body = { status: 'IN_QUEUE', request_id: id, gateway_request_id: id, ...addresses.ofRequest(id) }
    return context.json({ ...body, queue_position: position }, 200, { 'x-fal-request-id': id })
  })
  app.on(['GET', 'PUT', 'DELETE', 'PATCH'], paths, refuseMethod)

  const requests = new Hono()
    .get('/:id/status', async context => {
      const snapshot = await queue.find(context.req.param('id'))
      if (!snapshot) return context.json(UNKNOWN_REQUEST, 404)
      const logsFrom = isOn(context.req.query('logs')) ? 0 : undefined
      const status = describeStatus(snapshot, addresses, logsFrom)
      return context.json(status, snapshot.outcome ? 200 : 202, { 'x-fal-request-id': snapshot.id })
    })
    .get('/:id/status/stream', async context => {
      const snapshot = await queue.find(context.req.param('id'))
      if (!snapshot) return context.json(UNKNOWN_REQUEST, 404)
      context.header('x-fal-request-id', snapshot.id)
      return streamStatus(context, services, snapshot.id, isOn(context.req.query('logs')), onError)
    })
    .on('GET', ['/:id', '/:id/response'], async context => {
      const snapshot = await queue.find(context.req.param('id'))
      if (!snapshot) return context.json(UNKNOWN_REQUEST, 404)
      const { id, outcome = await waitIfCut(context, queue, snapshot.id) } = snapshot
      if (outcome === 'closing') return context.json(CLOSING, 503, { 'x-fal-request-id': id })
      if (!outcome) return context.json(IN_PROGRESS, 400, { 'x-fal-request-id': id })
      return sendOutcome(context, services, id, outcome)
    })
    .put('/:id/cancel', async context => {
      const [body, status] = CANCEL_RESPONSES[await queue.cancel(context.req.param('id'))]
      return context.json(body, status)
    })
  for (const path of paths) app.route(`${path}/requests`, requests)
  return app
}

/**
 * Waits for the end of a request whose status stream ended because a server closed: fal's client asks for the result then, and
 * does not retry a 400.
 *
 * @returns undefined for other requests; `closing` if this server closes, too
 */
async function waitIfCut(
  context: Context,
  queue: Queue,
  id: string,
): Promise<Outcome | 'closing' | undefined> {
  if (!(await queue.wasCut(id))) return undefined
  for await (const { outcome } of queue.watch(id, context.req.raw.signal)) if (outcome) return outcome
  return 'closing'
}

const CLOSING = { detail: 'The server is closing.' }
const UNKNOWN_REQUEST = { detail: 'There is no request of this id, or it has expired.' }
const IN_PROGRESS = { detail: 'Request is still in progress' }

const CANCEL_RESPONSES = {
  requested: [{ status: 'CANCELLATION_REQUESTED' }, 202],
  completed: [{ status: 'ALREADY_COMPLETED' }, 400],
  unknown: [{ status: 'NOT_FOUND', ...UNKNOWN_REQUEST }, 404],
} as const

/** Clients write `logs=1`, the Python client `logs=true`. */
function isOn(word: string | undefined): boolean {
  return word === '1' || word === 'true'
}
