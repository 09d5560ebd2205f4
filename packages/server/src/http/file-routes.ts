import { Hono } from 'hono'
import { z } from 'zod'
import type { TokenFileStore } from '../files/token-file-store.ts'
import type { Uploads } from '../files/uploads.ts'
import { limitBody } from './limit-body.ts'

const UNKNOWN_FILE = { detail: 'There is no file at this address, or it has expired.' }

/**
 * Serves files. Needs no key, because the addresses are secrets; pages of every origin may use them. Comes before all
 * middleware, which would copy each file to add a header.
 */
export function createFileRoutes(fileStore: TokenFileStore): Hono {
  return new Hono().get('/files/:token/:name', async (context, next) => {
    const file = await fileStore.get(context.req.param('token'))
    // The later routes answer unknown files.
    if (!file) return next()
    return context.body(file.bytes as Uint8Array<ArrayBuffer>, 200, {
      ...describeFile(file),
      'access-control-allow-origin': '*',
      'content-length': String(file.bytes.byteLength),
      'cache-control': 'private, immutable',
    })
  })
}

/** Receives uploads, and answers requests for unknown files. Needs no key, because the addresses are secrets. */
export function createUploadRoutes(uploads: Uploads, maxUploadBytes: number): Hono {
  const limitTo = (maxSize: number) =>
    limitBody(maxSize, context => context.json({ detail: 'The file is too large.' }, 413))
  const limit = limitTo(maxUploadBytes)
  const readBytes = async (request: { arrayBuffer(): Promise<ArrayBuffer> }) =>
    new Uint8Array(await request.arrayBuffer())

  return new Hono()
    .get('/files/:token/:name', context => context.json(UNKNOWN_FILE, 404))
    .put('/uploads/:token', limit, async context => {
      const isTaken = await uploads.put(context.req.param('token'), await readBytes(context.req))
      return isTaken ? context.json({}) : context.json(UNKNOWN_FILE, 404)
    })
    .put('/uploads/:token/:part{[0-9]{1,5}}', limit, async context => {
      const part = Number(context.req.param('part'))
      const etag = await uploads.putPart(context.req.param('token'), part, await readBytes(context.req))
      if (!etag) return context.json(UNKNOWN_FILE, 404)
      return context.json({ partNumber: part, etag }, 200, { etag })
    })
    .post('/uploads/:token/complete', limitTo(MAX_LIST_BYTES), async context => {
      const body = partsSchema.safeParse(await context.req.json().catch(() => undefined))
      if (!body.success) return context.json({ detail: 'Expected {"parts": [{"partNumber": 1}, …]}.' }, 400)
      const parts = body.data.parts.map(({ partNumber }) => partNumber)
      const isWhole = await uploads.complete(context.req.param('token'), parts)
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
