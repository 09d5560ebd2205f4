import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { TokenFileStore } from '../files/token-file-store.ts'
import type { Uploads } from '../files/uploads.ts'
import type { Content } from '../storage/content.ts'
import { limitBody } from './limit-body.ts'
import type { Buffers } from './limit-buffers.ts'
import { openBody, readLength } from './open-body.ts'

const UNKNOWN_FILE = { detail: 'There is no file at this address, or it has expired.' }

/**
 * Serves files. Needs no key, because the addresses are secrets; pages of every origin may use them. Comes before all
 * middleware, which would copy each file to add a header.
 */
export function createFileRoutes(fileStore: TokenFileStore): Hono {
  return new Hono().get('/files/:token/:name', async (context, next) => {
    const file = await fileStore.open(context.req.param('token'))
    // The later routes answer unknown files.
    if (!file) return next()
    return context.body(file.body as Uint8Array<ArrayBuffer> | ReadableStream, 200, {
      ...describeFile(file),
      'access-control-allow-origin': '*',
      'content-length': String(file.size),
      'cache-control': 'private, immutable',
    })
  })
}

export interface UploadParts {
  uploads: Uploads
  /** Whether the storage takes files in pieces, so that none is in memory as a whole. */
  isStreamed: boolean
}

interface UploadLimits {
  maxUploadBytes: number
  buffers: Buffers
}

/** Receives uploads, and answers requests for unknown files. Needs no key, because the addresses are secrets. */
export function createUploadRoutes(
  { uploads, isStreamed }: UploadParts,
  { maxUploadBytes, buffers }: UploadLimits,
): Hono {
  const limitTo = (maxSize: number) =>
    limitBody(maxSize, context => context.json({ detail: 'The file is too large.' }, 413))

  /** Opens the body of an upload whose token is known: a stranger's body is not read. */
  async function receive(
    { req }: Context,
    store: (content: Content) => Promise<Response>,
  ): Promise<Response> {
    const length = readLength(req.raw)
    const held = length === undefined ? maxUploadBytes : isStreamed ? 0 : Math.min(length, maxUploadBytes)
    return buffers.hold(held, async () => store(await openBody(req.raw, maxUploadBytes)))
  }

  return new Hono()
    .get('/files/:token/:name', context => context.json(UNKNOWN_FILE, 404))
    .use('/uploads/:token/*', async (context, next) =>
      (await uploads.has(context.req.param('token'))) ? next() : context.json(UNKNOWN_FILE, 404),
    )
    .put('/uploads/:token', context =>
      receive(context, async content => {
        const isTaken = await uploads.put(context.req.param('token'), content)
        return isTaken ? context.json({}) : context.json(UNKNOWN_FILE, 404)
      }),
    )
    .put('/uploads/:token/:part{[0-9]{1,5}}', context =>
      receive(context, async content => {
        const part = Number(context.req.param('part'))
        const etag = await uploads.putPart(context.req.param('token'), part, content)
        if (!etag) return context.json(UNKNOWN_FILE, 404)
        return context.json({ partNumber: part, etag }, 200, { etag })
      }),
    )
    .post('/uploads/:token/complete', limitTo(MAX_LIST_BYTES), async context => {
      const body = partsSchema.safeParse(await context.req.json().catch(() => undefined))
      if (!body.success) return context.json({ detail: 'Expected {"parts": [{"partNumber": 1}, …]}.' }, 400)
      const parts = body.data.parts.map(({ partNumber }) => partNumber)
      const held = isStreamed ? 0 : maxUploadBytes
      const isWhole = await buffers.hold(held, () => uploads.complete(context.req.param('token'), parts))
      return isWhole
        ? context.json({})
        : context.json({ detail: 'There is no such upload, or parts are missing.' }, 400)
    })
}

const MAX_LIST_BYTES = 2 ** 20
const partsSchema = z.object({
  parts: z.array(z.object({ partNumber: z.int().min(1).max(99_999) })).min(1),
})

/** Headers that keep an uploaded file from running as a page of this server. */
function describeFile({ contentType, fileName }: { contentType: string; fileName: string }) {
  const isPicture = /^image\/(avif|bmp|gif|jpeg|png|tiff|webp)$/.test(contentType)
  return {
    'content-type': contentType,
    'content-disposition': `${isPicture ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeHeader(fileName)}`,
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'cross-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }
}

/** Encodes a value as RFC 8187 requires. */
function encodeHeader(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, character => `%${character.charCodeAt(0).toString(16)}`)
}
