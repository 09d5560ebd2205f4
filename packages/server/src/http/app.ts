import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import { InputError, refuseInput } from '../fal/details.ts'
import { NoRoomError } from '../files/uploads.ts'
import { isRefusal } from '../redis/refusal.ts'
import { isLoss } from '../redis/report-loss.ts'
import { failServer } from '../requests/outcomes.ts'
import { QueueClosedError, QueueFullError, QueueUnavailableError } from '../requests/queue.ts'
import { createCdnRoutes } from './cdn-routes.ts'
import { createFileRoutes } from './file-routes.ts'
import { closeIfUnread } from './incoming.ts'
import { requireKey } from './keys.ts'
import { limitBody } from './limit-body.ts'
import { createOperationRoutes } from './operation-routes.ts'
import { refuseForeignPages } from './origins.ts'
import { createQueueService } from './queue-service.ts'
import type { UploadParts } from './receive-upload.ts'
import { createRestService } from './rest-service.ts'
import { createRunService } from './run-service.ts'
import type { Services } from './services.ts'
import { createSignedTokens } from './signed-tokens.ts'
import { findTarget, parseTarget, type RequestTarget, type Service } from './target.ts'
import { createUploadRoutes } from './upload-routes.ts'

/** Creates all routes: fal's services by host, path and proxy header, files, operations and the page. */
export function createApp(
  services: Services,
  uploads: UploadParts,
  page: Hono | undefined,
  onError: (error: unknown) => void,
): Hono {
  const { settings, signingKey, fileStore, operations, buffers } = services
  const { keys, maxBodyBytes, maxUploadBytes, allowOrigins } = settings
  const tooLarge = refuseInput([
    {
      loc: ['body'],
      msg: `Expected at most ${maxBodyBytes} bytes.`,
      type: 'file_too_large',
      ctx: { max_size: maxBodyBytes },
    },
  ])
  const tokens = {
    streams: createSignedTokens('status stream', signingKey),
    uploads: createSignedTokens('upload', signingKey),
  }
  const open = (service: Hono) =>
    addErrorHandlers(
      new Hono()
        .get('/.well-known/jwks.json', context => context.json(signingKey.jwks))
        .use(requireKey(keys, tokens.streams))
        .use(limitBody(maxBodyBytes, context => context.json(tooLarge.body as object, 422)))
        .route('/', service),
      onError,
    )
  const limits = { maxUploadBytes, buffers }
  const { addresses } = services
  const { fileLifeSeconds } = settings
  const cdn = createCdnRoutes(uploads, { ...limits, addresses, tokens: tokens.uploads, fileLifeSeconds })
  const falServices: Record<Service, Hono> = {
    run: open(createRunService(services)),
    queue: open(createQueueService(services, onError)),
    rest: open(createRestService(services, uploads.uploads, tokens)),
    cdn: addErrorHandlers(new Hono().route('/', cdn), onError),
  }
  const send = ({ service, path }: RequestTarget, { req: { raw: request }, env }: Context) =>
    // Not `new URL(path, base)`: in a path that begins with two slashes it would find a host.
    falServices[service].fetch(new Request(`http://fal${path}`, request), env)

  const app = addErrorHandlers(new Hono(), onError)
  // Also `/healthz`, so that a supervisor restarts the process.
  app.use((context, next) => (services.isLost() ? Promise.resolve(context.json(LOST, 503)) : next()))
  app.route('/', createFileRoutes(fileStore))
  app.use(closeIfUnread)
  app.use(refuseTrace)
  app.use(
    cors({
      origin: keys.length > 0 && allowOrigins.length === 0 ? '*' : [...allowOrigins],
      allowMethods: ['GET', 'POST', 'PUT', 'OPTIONS'],
      exposeHeaders: ['x-fal-request-id', 'x-fal-request-timeout-type', 'x-fal-error-type'],
      maxAge: 3600,
    }),
  )
  if (keys.length === 0) app.use(refuseForeignPages(allowOrigins, settings.publicUrl))
  app.all('/api/fal/proxy', context => {
    const target = parseTarget(context.req.header('x-fal-target-url'))
    if (target) return send(target, context)
    return context.json(
      {
        detail: 'Expected x-fal-target-url to be an https URL of fal.run, queue.fal.run or rest.fal.ai.',
      },
      400,
    )
  })
  app.use(async (context, next) => {
    const target = findTarget(new URL(context.req.url), context.req.header('host'))
    if (target) return send(target, context)
    await next()
  })
  app.route('/', createOperationRoutes(operations, keys))
  app.route('/', createUploadRoutes(uploads, limits))
  app.route('/cdn', cdn)
  app.get('/.well-known/jwks.json', context => context.json(signingKey.jwks))
  if (page) app.route('/', page)
  return app
}

const LOST = { detail: 'Another server has taken over the folder of this server.' }

/** Answers unknown paths and thrown errors in JSON. */
function addErrorHandlers(app: Hono, onError: (error: unknown) => void): Hono {
  app.notFound(context =>
    context.json({ detail: `There is nothing at ${context.req.method} ${context.req.path}.` }, 404),
  )
  app.onError((error, context) => {
    if (error instanceof InputError) return context.json(refuseInput(error.details).body as object, 422)
    if (error instanceof QueueFullError)
      // Not 503: a load balancer would remove a healthy server.
      return context.json({ detail: 'Too many requests are waiting. Try again later.' }, 429, {
        'retry-after': '5',
      })
    if (error instanceof QueueClosedError || error instanceof QueueUnavailableError)
      return context.json({ detail: error.message }, 503)
    if (error instanceof NoRoomError)
      return context.json({ detail: error.message }, error.reason === 'file' ? 413 : 507)
    if (error instanceof HTTPException && error.res) return error.getResponse()
    if (error instanceof HTTPException) return context.json({ detail: error.message }, error.status)
    // The client has closed the connection in the middle of its body. Nobody reads the answer.
    if (context.req.raw.signal.aborted) return context.body(null, 499 as 400)
    // Each lost connection is logged where it is lost.
    if (isLoss(error) && !isRefusal(error))
      return context.json({ detail: 'The storage cannot be reached.' }, 503)
    onError(error)
    if (isRefusal(error)) return context.json({ detail: 'The storage refuses the call.' }, 503)
    if (isDiskFull(error)) return context.json({ detail: new NoRoomError('store').message }, 507)
    return context.json(failServer().body as object, 500)
  })
  return app
}

/** Whether the disk, or the memory of a Redis that evicts nothing, is full. */
function isDiskFull(error: unknown): boolean {
  const { code = '', message } = error as NodeJS.ErrnoException
  return ['ENOSPC', 'EDQUOT'].includes(code) || message.startsWith('OOM ')
}

/** Not even the methods of fetch have TRACE: `new Request` throws. */
const refuseTrace: MiddlewareHandler = async (context, next) => {
  if (context.req.method !== 'TRACE') return next()
  return context.json({ detail: 'TRACE is not allowed.' }, 405, { allow: 'GET, HEAD, POST, PUT, OPTIONS' })
}
