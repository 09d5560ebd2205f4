import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { FileShelf } from '../files/file-shelf.ts'
import type { Uploads } from '../files/uploads.ts'

/** Where files are fetched and uploaded. No key: the addresses are secrets. */
export function createFileRoutes(shelf: FileShelf, uploads: Uploads, maxUploadBytes: number): Hono {
  const limitTo = (maxSize: number) =>
    bodyLimit({ maxSize, onError: context => context.json({ detail: 'The file is too large.' }, 413) })
  const limit = limitTo(maxUploadBytes)
  const readBytes = async (request: { arrayBuffer(): Promise<ArrayBuffer> }) =>
    new Uint8Array(await request.arrayBuffer())
  const unknown = { detail: 'There is no file at this address, or it has expired.' }

  return new Hono()
    .get('/files/:token/:name', async context => {
      const file = await shelf.take(context.req.param('token'))
      if (!file) return context.json(unknown, 404)
      return context.body(file.bytes as Uint8Array<ArrayBuffer>, 200, {
        ...describeFile(file),
        'content-length': String(file.bytes.byteLength),
        'cache-control': 'private, immutable',
      })
    })
    .put('/uploads/:token', limit, async context => {
      const isTaken = await uploads.put(context.req.param('token'), await readBytes(context.req))
      return isTaken ? context.json({}) : context.json(unknown, 404)
    })
    .put('/uploads/:token/:part{[0-9]{1,5}}', limit, async context => {
      const part = Number(context.req.param('part'))
      const etag = await uploads.putPart(context.req.param('token'), part, await readBytes(context.req))
      if (!etag) return context.json(unknown, 404)
      return context.json({ partNumber: part, etag }, 200, { etag })
    })
    .post('/uploads/:token/complete', limitTo(maxListBytes), async context => {
      const body = partsSchema.safeParse(await context.req.json().catch(() => undefined))
      if (!body.success) return context.json({ detail: 'Expected {"parts": [{"partNumber": 1}, …]}.' }, 400)
      const parts = body.data.parts.map(({ partNumber }) => partNumber)
      const isWhole = await uploads.complete(context.req.param('token'), parts)
      return isWhole
        ? context.json({})
        : context.json({ detail: 'There is no such upload, or parts of it are missing.' }, 400)
    })
}

const maxListBytes = 2 ** 20
const partsSchema = z.object({
  parts: z.array(z.object({ partNumber: z.int().min(1).max(99_999) })).min(1),
})

/** Somebody else's file must not run as a page of this server, nor pass for what it is not. */
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

/** RFC 8187's letters. */
function encodeHeader(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, letter => `%${letter.charCodeAt(0).toString(16)}`)
}
