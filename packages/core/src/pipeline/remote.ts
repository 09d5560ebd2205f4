import { setTimeout as delay } from 'node:timers/promises'
import pRetry, { AbortError } from 'p-retry'
import { abbreviate } from '../shared/abbreviate.ts'
import { abortError, NobgError } from '../shared/errors.ts'
import { openHttpClient } from '../shared/http-client.ts'
import type { RunOptions } from '../shared/types.ts'
import type { ResolvedConfig } from './config.ts'
import type { Plan } from './plan.ts'

/** What another machine said of a picture. */
export interface RemoteMatte {
  /** The matte as a grayscale PNG: uint8, [byteLength]. */
  png: Uint8Array
  /** Its time inside the network. */
  inferenceMs: number
}

/** A request, as fal's queue tells of it. */
interface Status {
  status: string
  metrics?: { inference_time?: number }
}

/** How often a request is looked at: soon at first, then each second. */
const firstPollMs = 100
const longestPollMs = 1000

const retries = { retries: 3, minTimeout: 500, factor: 2 }

/**
 * Has a matte predicted by the server `remote` of the config, which `@nobg/server` is, in fal's protocol: the picture goes
 * there as small as the network sees it, and its mask comes back; all else, and every cache, stays here.
 *
 * @param png the picture at the operating resolution: uint8, [byteLength].
 * @throws {NobgError} REMOTE_FAILED, ABORTED
 */
export async function predictRemotely(
  plan: Plan,
  config: ResolvedConfig,
  png: Uint8Array,
  { signal }: RunOptions,
): Promise<RemoteMatte> {
  const server = openServer(config, signal)
  const { request_id: id } = await server.call<{ request_id: string }>('POST', '', describe(plan, png))
  try {
    const { metrics } = await waitForEnd(server, id)
    const { image } = await server.call<{ image: { url: string } }>(
      'GET',
      `/requests/${id}`,
      undefined,
      reply => checkModel(plan, reply),
    )
    const inferenceMs = (metrics?.inference_time ?? 0) * 1000
    return { png: Buffer.from(image.url.slice(image.url.indexOf(',') + 1), 'base64'), inferenceMs }
  } catch (error) {
    if (signal?.aborted) await server.forget(id)
    throw error
  }
}

/** The request's body: the mask alone, in the answer itself. */
function describe({ model, operatingResolution }: Plan, png: Uint8Array) {
  const { resolution } = model
  const own = typeof resolution === 'number' ? resolution : resolution.default
  return {
    image_url: `data:image/png;base64,${Buffer.from(png).toString('base64')}`,
    model: model.id,
    ...(operatingResolution !== own && { operating_resolution: operatingResolution }),
    matte_upsampling: 'bilinear',
    // Whether there is a subject is decided here, after threshold and the like.
    allow_empty: true,
    mask_only: true,
    sync_mode: true,
  }
}

async function waitForEnd(server: Server, id: string): Promise<Status> {
  for (let waitMs = firstPollMs; ; waitMs = Math.min(waitMs * 1.5, longestPollMs)) {
    const status = await server.call<Status>('GET', `/requests/${id}/status`)
    if (status.status === 'COMPLETED') return status
    await server.rest(waitMs)
  }
}

/** A matte of another network would lie in the cache under this one's name. */
function checkModel({ model }: Plan, { model: used }: Reply): void {
  if (used && used !== model.id) {
    throw new NobgError(
      'REMOTE_FAILED',
      `Expected the remote server to run ${model.id}, and it ran ${used}.`,
      {
        hint: 'Start it without --substitute, or use the same substitute here.',
      },
    )
  }
}

/** What the server answers. */
interface Reply {
  /** The body, JSON. */
  text: string
  /** Id of the model that ran, if the server names it. */
  model: string | null
}

interface Server {
  call<Answer>(method: string, path: string, body?: object, look?: (reply: Reply) => void): Promise<Answer>
  /** Waits. @throws {NobgError} ABORTED */
  rest(ms: number): Promise<void>
  /** Cancels a request, whether or not that can be done. */
  forget(id: string): Promise<void>
}

function openServer(
  { remote = '', remoteKey, timeoutMs = 60_000 }: ResolvedConfig,
  signal?: AbortSignal,
): Server {
  const base = `${remote.replace(/(?<!\/)\/+$/, '')}/queue.fal.run/fal-ai/birefnet`
  const headers = {
    'content-type': 'application/json',
    ...(remoteKey && { authorization: `Key ${remoteKey}` }),
  }

  async function ask(
    method: string,
    path: string,
    body: object | undefined,
    stop?: AbortSignal,
  ): Promise<Reply> {
    const client = await openHttpClient(timeoutMs)
    // v2 knows `mask_only`; requests are found under either name.
    const address = method === 'POST' ? `${base}/v2` : `${base}${path}`
    try {
      const init = { method, headers, body: body && JSON.stringify(body), signal: stop }
      const response = await client.fetch(address, init)
      const text = await response.text()
      if (response.ok) return { text, model: response.headers.get('x-nobg-model') }
      const refusal = refuse(remote, response.status, text)
      // What is wrong will be wrong again; what is busy, not.
      throw response.status < 500 && response.status !== 429 ? new AbortError(refusal) : refusal
    } finally {
      await client.close()
    }
  }

  return {
    async call(method, path, body, look) {
      try {
        const reply = await pRetry(() => ask(method, path, body, signal), { ...retries, signal })
        look?.(reply)
        return JSON.parse(reply.text) as never
      } catch (error) {
        if (signal?.aborted) throw abortError(signal)
        if (error instanceof NobgError) throw error
        throw new NobgError('REMOTE_FAILED', `${remote} cannot be reached: ${tellCause(error)}.`, {
          hint: 'Is the server running (npx nobg serve), and is the address right?',
          cause: error,
        })
      }
    },
    rest: ms =>
      delay(ms, undefined, { signal }).catch(() => {
        throw abortError(signal as AbortSignal)
      }),
    async forget(id) {
      await ask('PUT', `/requests/${id}/cancel`, undefined).catch(() => {})
    },
  }
}

function refuse(remote: string, status: number, text: string): NobgError {
  const isKey = status === 401
  return new NobgError('REMOTE_FAILED', `${remote} answers ${status}: ${abbreviate(text, 300)}`, {
    hint: isKey ? 'Set remoteKey, or NOBG_REMOTE_KEY, to one of its keys.' : 'See the log of that server.',
  })
}

function tellCause(error: unknown): string {
  const { cause, message } = error as Error
  return (cause as NodeJS.ErrnoException)?.code ?? message
}
