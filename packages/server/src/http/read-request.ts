import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { detailOf, InputError } from '../fal/details.ts'
import type { App, CutoutRequest } from '../requests.ts'
import type { ServiceSettings } from './services.ts'

/** The JSON of a body; nothing at all is `{}`. @throws {InputError} where it is no JSON */
export async function readBody(context: Context): Promise<unknown> {
  const text = await context.req.text()
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    throw new InputError({ loc: ['body'], msg: 'Expected JSON.', type: 'json_invalid' })
  }
}

/** Reads what a client says in path, query and headers of a run or a submit. @throws {InputError} of a bad webhook address */
export function readRequest(
  context: Context,
  input: unknown,
  { fileLifeSeconds }: ServiceSettings,
): CutoutRequest {
  const createdAt = Date.now()
  const startWithin = Number(context.req.header('x-fal-request-timeout'))
  return {
    id: randomUUID(),
    app: context.req.path.replace(/^\//, '').replace(/\/$/, '') as App,
    input,
    priority: context.req.header('x-fal-queue-priority') === 'low' ? 'low' : 'normal',
    createdAt,
    startBy: startWithin > 0 ? createdAt + startWithin * 1000 : undefined,
    webhookUrl: readWebhook(context.req.query('fal_webhook')),
    fileLifeSeconds: readLife(context.req.header('x-fal-object-lifecycle-preference'), fileLifeSeconds),
  }
}

function readWebhook(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  if (/^https?:$/.test(URL.parse(address)?.protocol ?? '')) return address
  throw new InputError({
    ...detailOf('fal_webhook', 'url_parsing', 'Expected an http or https address.'),
    loc: ['query', 'fal_webhook'],
  })
}

/** `{"expiration_duration_seconds": n}` of a header; at most `longest`. */
export function readLife(header: string | undefined, longest: number): number {
  if (header === undefined) return longest
  try {
    const seconds = Number(JSON.parse(header)?.expiration_duration_seconds)
    return seconds > 0 ? Math.min(seconds, longest) : longest
  } catch {
    throw new HTTPException(400, { message: 'Expected JSON in the lifecycle header.' })
  }
}
