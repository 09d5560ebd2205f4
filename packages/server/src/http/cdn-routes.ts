import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { Addresses } from '../files/addresses.ts'
import { readLife } from './read-request.ts'
import { createUploadReceiver, type UploadLimits, type UploadParts } from './receive-upload.ts'
import type { SignedTokens } from './signed-tokens.ts'

interface CdnSettings extends UploadLimits {
  addresses: Addresses
  /** Tokens of `rest.fal.ai/storage/auth/token`. */
  tokens: SignedTokens
  /** Longest time for which files are kept. */
  fileLifeSeconds: number
}

/** Uploads of fal's Python client: in one call, or in parts whose addresses {@link createUploadRoutes} has. */
export function createCdnRoutes(parts: UploadParts, settings: CdnSettings): Hono {
  const { uploads } = parts
  const { addresses, tokens, fileLifeSeconds } = settings
  const receive = createUploadReceiver(parts, settings)
  const begin = async ({ req }: Context) => {
    const wanted = {
      content_type: req.header('content-type'),
      file_name: readName(req.header('x-fal-file-name')),
    }
    const life = readLife(req.header('x-fal-object-lifecycle'), fileLifeSeconds)
    const { uploadToken, fileToken, fileName } = await uploads.begin(wanted, life)
    return { uploadToken, access_url: addresses.ofFile(fileToken, fileName) }
  }
  return new Hono()
    .use('/files/*', requireToken(tokens))
    .post('/files/upload', context =>
      receive(context, async content => {
        const { uploadToken, access_url } = await begin(context)
        await uploads.put(uploadToken, content)
        return context.json({ access_url, uploaded: true })
      }),
    )
    .post('/files/upload/multipart', async context => {
      const { uploadToken, access_url } = await begin(context)
      return context.json({ access_url, uploadId: uploadToken })
    })
}

/** Longest name of a file, in characters. */
const MAX_NAME = 1024

function readName(name: string | undefined): string | undefined {
  return name?.slice(0, MAX_NAME)
}

function requireToken(tokens: SignedTokens): MiddlewareHandler {
  return async (context, next) => {
    const [, token = ''] = /^bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? []
    if (tokens.isValid(token)) return next()
    return context.json(
      { detail: 'Expected a valid token of storage/auth/token: Authorization: Bearer <token>.' },
      401,
    )
  }
}
