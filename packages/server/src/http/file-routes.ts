import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { FileShelf } from '../files/file-shelf.ts'
import type { Uploads } from '../files/uploads.ts'

/** Where files are fetched and uploaded. No key: the addresses are secrets. */
export function createFileRoutes(shelf: FileShelf, uploads: Uploads, maxUploadBytes: number): Hono {
  const limit = bodyLimit({
    maxSize: maxUploadBytes,
    onError: context => context.json({ detail: 'The file is too large.' }, 413),
  })
  const readBytes = async (request: { arrayBuffer(): Promise<ArrayBuffer> }) =>
    new Uint8Array(await request.arrayBuffer())
  const unknown = { detail: 'There is no file at this address, or it has expired.' }

  return new Hono()
    .get('/files/:token/:name', async context => {
      const file = await shelf.take(context.req.param('token'))
      if (!file) return context.json(unknown, 404)
      return context.body(file.bytes as Uint8Array<ArrayBuffer>, 200, {
        'content-type': file.contentType,
        'content-length': String(file.bytes.byteLength),
        'cache-control': 'private, immutable',
        // Somebody else's file must not run as a page of this server.
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
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
    .post('/uploads/:token/complete', async context => {
      const body = (await context.req.json().catch(() => ({}))) as { parts?: { partNumber?: unknown }[] }
      const parts = (body.parts ?? []).map(part => Number(part?.partNumber)).filter(Number.isInteger)
      const isWhole = await uploads.complete(context.req.param('token'), [...new Set(parts)])
      return isWhole ? context.json({}) : context.json({ detail: 'Parts of the file are missing.' }, 400)
    })
}
