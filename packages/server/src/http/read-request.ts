import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { detailOf, InputError } from '../fal/details.ts'
import { readFields } from '../fal/input.ts'
import { NoRoomError } from '../files/uploads.ts'
import type { App, CutoutRequest, Snapshot } from '../requests/request.ts'
import { findExcess } from './check-json.ts'
import { readArrival } from './incoming.ts'
import { boundLength } from './open-body.ts'
import type { ServiceSettings, Services } from './services.ts'

/** @returns the body's JSON; `{}` for an empty body @throws {InputError} if it is not JSON, or deep, or has many values */
export async function readBody(context: Context): Promise<unknown> {
  checkUncompressed(context)
  // Not Hono's `text()`, which would keep a data URI in memory until the answer is sent.
  const text = await context.req.raw.text()
  if (text === '') checkUnread(context)
  if (text.trim() === '') return {}
  const refuse = (msg: string) => new InputError({ loc: ['body'], msg, type: 'json_invalid' })
  const excess = findExcess(text)
  if (excess) throw refuse(excess)
  try {
    return JSON.parse(text)
  } catch {
    throw refuse('Expected JSON.')
  }
}

/** @throws {InputError} if the body is compressed: nobg does not decompress it, because few bytes can become many */
function checkUncompressed({ req }: Context): void {
  const encoding = req.header('content-encoding') ?? 'identity'
  if (encoding !== 'identity')
    throw new InputError({
      loc: ['body'],
      msg: `Expected an uncompressed body, got the content-encoding ${encoding.slice(0, 50)}. Send the body without compression.`,
      type: 'json_invalid',
    })
}

/** @throws {InputError} if a body was announced that another handler of the app has read */
function checkUnread({ req }: Context): void {
  const bytes = Number(req.header('content-length') ?? 0)
  if (bytes > 0)
    throw new InputError({
      loc: ['body'],
      msg: `Expected a body of ${bytes} bytes, got none: another handler has read it. Mount nobg before express.json() and other parsers of bodies.`,
      type: 'json_invalid',
    })
}

/**
 * Submits the request of a run or submit call to the queue.
 *
 * @throws {InputError} if the webhook address is wrong, or the body is not JSON or too long
 * @throws {NoRoomError} if the storage of results is full
 * @throws {QueueFullError}
 * @throws {QueueClosedError}
 * @throws {HTTPException} 429 if bodies of too many bytes are received at the same time
 */
export async function submitRequest(
  context: Context,
  { queue, addresses, settings, buffers, hasRoom }: Services,
): Promise<Snapshot> {
  const id = randomUUID()
  // Throws now, and not after the run, if the server does not know its address.
  addresses.ofRequest(id)
  if (!hasRoom()) throw new NoRoomError('store')
  const head = readHead(context, settings)
  // Until the request is stored, not until it has ended.
  const submit = async () => {
    const fields = readFields(await readBody(context))
    const input = needsDataUris(context) ? { ...fields, sync_mode: true } : fields
    return queue.submit({ ...head, id, input })
  }
  return buffers.hold(boundLength(context.req.raw, settings.maxBodyBytes), submit, readArrival(context))
}

/**
 * Whether the client is the AI SDK. The AI SDK downloads results itself, and refuses the URLs of hosts that are not public: in most
 * cases those of this server. It takes data URIs.
 */
function needsDataUris({ req }: Context): boolean {
  return /(?:^|\s)ai-sdk\//.test(req.header('user-agent') ?? '')
}

function readHead(
  { req }: Context,
  { fileLifeSeconds }: ServiceSettings,
): Omit<CutoutRequest, 'id' | 'input'> {
  const createdAt = Date.now()
  return {
    app: req.path.slice(1) as App,
    priority: req.header('x-fal-queue-priority') === 'low' ? 'low' : 'normal',
    createdAt,
    startBy: readDeadline(req.header('x-fal-request-timeout') ?? req.header(PYTHON_TIMEOUT), createdAt),
    webhookUrl: readWebhook(req.query('fal_webhook')),
    fileLifeSeconds: readLife(req.header('x-fal-object-lifecycle-preference'), fileLifeSeconds),
  }
}

/** The name of fal's Python client. */
const PYTHON_TIMEOUT = 'x-fal-request-start-timeout'
/** The longest delay that a timer takes: 24 days. A longer timeout, which JSON may not be able to store, is none. */
const MAX_START_MS = 2 ** 31 - 1

function readDeadline(seconds: string | undefined, createdAt: number): number | undefined {
  const ms = Number(seconds) * 1000
  return ms > 0 && ms <= MAX_START_MS ? createdAt + ms : undefined
}

/** Answers 405 for other methods than POST. */
export function refuseMethod(context: Context): Response {
  return context.json({ detail: 'Expected POST.' }, 405, { allow: 'POST' })
}

/** In characters. */
const MAX_WEBHOOK = 8192

function readWebhook(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const url = address.length > MAX_WEBHOOK ? null : URL.parse(address)
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return address
  throw new InputError({
    ...detailOf(
      'fal_webhook',
      'url_parsing',
      `Expected an http or https URL of at most ${MAX_WEBHOOK} characters, without a user.`,
    ),
    loc: ['query', 'fal_webhook'],
  })
}

/** @returns seconds of a header `{"expiration_duration_seconds": n}`, at most `longest`; `longest` without one */
export function readLife(header: string | undefined, longest: number): number {
  if (header === undefined) return longest
  try {
    const seconds = Number(JSON.parse(header)?.expiration_duration_seconds)
    return seconds > 0 ? Math.min(seconds, longest) : longest
  } catch {
    throw new HTTPException(400, { message: 'Expected JSON in the lifecycle header.' })
  }
}
