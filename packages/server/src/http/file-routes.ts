import { Hono } from 'hono'
import type { TokenFileStore } from '../files/token-file-store.ts'

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
