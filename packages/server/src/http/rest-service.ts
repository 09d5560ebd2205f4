import { type Context, Hono } from 'hono'
import { limitInput } from '../fal/limit-input.ts'
import type { Uploads } from '../files/uploads.ts'
import { readBody, readLife } from './read-request.ts'
import type { Services } from './services.ts'
import type { SignedTokens } from './signed-tokens.ts'

/** `rest.fal.ai`: begins uploads, and issues tokens for status streams and for the uploads of fal's Python client. */
export function createRestService(
  { addresses, settings }: Services,
  uploads: Uploads,
  tokens: { streams: SignedTokens; uploads: SignedTokens },
): Hono {
  const beginUpload = async (context: Context) => {
    const body = await readFields(context)
    const lifeSeconds = readLife(context.req.header('x-fal-object-lifecycle'), settings.fileLifeSeconds)
    const { uploadToken, fileToken, fileName } = await uploads.begin(body, lifeSeconds)
    return context.json({
      upload_url: addresses.ofUpload(uploadToken),
      file_url: addresses.ofFile(fileToken, fileName),
    })
  }
  return new Hono()
    .on('POST', ['/storage/upload/initiate', '/storage/upload/initiate-multipart'], beginUpload)
    .post('/storage/auth/token', context => {
      const now = Date.now()
      return context.json({
        token: tokens.uploads.issue(UPLOAD_TOKEN_LIFE_SECONDS),
        token_type: 'Bearer',
        base_url: addresses.ofCdn(),
        // fal's Python client needs an offset, which before Python 3.11 must not be Z.
        created_at: writeTime(now),
        expires_at: writeTime(now + UPLOAD_TOKEN_LIFE_SECONDS * 1000),
      })
    })
    .on('POST', ['/tokens', '/tokens/'], async context => {
      const { token_expiration } = await readFields(context)
      return context.json(tokens.streams.issue(readTokenLife(token_expiration)))
    })
}

/** Longest name of a file, in characters: four times the limit of most file systems. */
const MAX_NAME = 1024
/** The fields of these calls: names, types and numbers. */
const NAMES: ReadonlySet<string> = new Set(['content_type', 'file_name', 'token_expiration'])

async function readFields(context: Context): Promise<Record<string, unknown>> {
  return limitInput((await readBody(context)) ?? {}, NAMES, MAX_NAME)
}

const UPLOAD_TOKEN_LIFE_SECONDS = 3600

/** ISO 8601 with the offset +00:00. */
function writeTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00')
}

const DEFAULT_TOKEN_LIFE_SECONDS = 120
const MAX_TOKEN_LIFE_SECONDS = 3600

function readTokenLife(seconds: unknown): number {
  return Math.min(Number(seconds) > 0 ? Number(seconds) : DEFAULT_TOKEN_LIFE_SECONDS, MAX_TOKEN_LIFE_SECONDS)
}
