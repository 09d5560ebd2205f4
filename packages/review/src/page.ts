import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { HttpError, respondBytes } from './respond.ts'

/** The page loads only from its own origin, and images also from blobs. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The built page. */
export interface BuiltPage {
  /** The page, with the token that its requests carry. */
  respond(token: string): Promise<Response>
  /** A file of the page by its name, which contains a hash of its content. @throws {HttpError} 404 */
  respondAsset(name: string): Promise<Response>
}

/** @param dir absolute path of the built page. */
export function openPage(dir: string): BuiltPage {
  return {
    async respond(token) {
      const html = await readFile(join(dir, 'index.html'), 'utf8').catch(() => undefined)
      if (html === undefined)
        throw new HttpError(404, 'The page is not built: pnpm --filter @nobg/review build')
      return respondBytes(
        html.replace('<head>', `<head><meta name="nobg-token" content="${token}">`),
        'text/html',
        {
          'content-security-policy': CONTENT_SECURITY_POLICY,
          'cache-control': 'no-store',
        },
      )
    },
    async respondAsset(name) {
      // Only names that the folder has: no path from a request is opened.
      const names = await readdir(join(dir, 'assets')).catch((): string[] => [])
      const type = TYPES[extname(name)]
      if (!names.includes(name) || !type) throw new HttpError(404, 'Expected a file of the page.')
      const bytes = await readFile(join(dir, 'assets', name))
      return respondBytes(bytes, type, { 'cache-control': 'private, max-age=31536000, immutable' })
    },
  }
}
