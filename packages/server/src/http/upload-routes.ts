import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { sizeOf } from '../storage/content.ts'
import { limitBody } from './limit-body.ts'
import { createUploadReceiver, type UploadLimits, type UploadParts } from './receive-upload.ts'

const UNKNOWN_FILE = { detail: 'There is no file at this URL, or the file has expired.' }

/** Addresses of parts: those of fal's JavaScript client, and those of its Python client. */
const UPLOAD_PATHS = ['/uploads/:upload', '/files/:token/:name/multipart/:upload'] as const
const pathsOf = (end: string) => UPLOAD_PATHS.map(path => `${path}${end}`)
const uploadOf = ({ req }: Context) => req.param('upload') ?? ''

/** Receives uploads, and answers requests for unknown files. Needs no key, because the addresses are secrets. */
export function createUploadRoutes(parts: UploadParts, limits: UploadLimits): Hono {
  const { uploads, isStreamed } = parts
  const receive = createUploadReceiver(parts, limits)
  const routes = new Hono()
  routes.get('/files/:token/:name', context => context.json(UNKNOWN_FILE, 404))
  for (const path of pathsOf('/*'))
    routes.use(path, async (context, next) =>
      (await uploads.has(uploadOf(context))) ? next() : context.json(UNKNOWN_FILE, 404),
    )
  routes.put('/uploads/:upload', context =>
    receive(context, async content => {
      const isTaken = await uploads.put(uploadOf(context), content)
      return isTaken ? context.json({}) : context.json(UNKNOWN_FILE, 404)
    }),
  )
  routes.on('PUT', pathsOf('/:part{[0-9]{1,5}}'), context =>
    receive(context, async content => {
      // fal's Python client sends empty parts, if it uploads more than 100 MB of bytes. The file would lack their content.
      if (sizeOf(content) === 0)
        return context.json({ detail: 'Expected a part with bytes, got an empty one.' }, 400)
      const part = Number(context.req.param('part'))
      const etag = await uploads.putPart(uploadOf(context), part, content)
      if (!etag) return context.json(UNKNOWN_FILE, 404)
      return context.json({ partNumber: part, etag }, 200, { etag })
    }),
  )
  const limitList = limitBody(MAX_LIST_BYTES, context =>
    context.json({ detail: 'The list is too long.' }, 413),
  )
  routes.on('POST', pathsOf('/complete'), limitList, async context => {
    const body = partsSchema.safeParse(await context.req.json().catch(() => undefined))
    if (!body.success) return context.json({ detail: 'Expected {"parts": [{"partNumber": 1}, …]}.' }, 400)
    const numbers = body.data.parts.map(({ partNumber }) => partNumber)
    const held = isStreamed ? 0 : limits.maxUploadBytes
    const isWhole = await limits.buffers.hold(held, () => uploads.complete(uploadOf(context), numbers))
    return isWhole
      ? context.json({})
      : context.json({ detail: 'There is no such upload, or parts are missing.' }, 400)
  })
  return routes
}

const MAX_LIST_BYTES = 2 ** 20
const partsSchema = z.object({
  parts: z.array(z.object({ partNumber: z.int().min(1).max(99_999) })).min(1),
})
