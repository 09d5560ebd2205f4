import { setTimeout as delay } from 'node:timers/promises'
import pRetry, { AbortError } from 'p-retry'
import { abbreviate } from '../shared/abbreviate.ts'
import { abortError, NobgError } from '../shared/errors.ts'
import { openHttpClient } from '../shared/http-client.ts'
import type { RunOptions } from '../shared/types.ts'
import type { ResolvedConfig } from './config.ts'
import type { Plan } from './plan.ts'

/** A matte that the remote server predicted. */
export interface RemoteMatte {
  /** The matte as a grayscale PNG: uint8, [byteLength]. */
  png: Uint8Array
  /** Milliseconds that the network ran. */
  inferenceMs: number
}

/** Status of a request in fal's queue protocol. */
interface Status {
  status: string
  metrics?: { inference_time?: number }
}

/** The interval between polls grows from the first value to the second. */
const firstPollMs = 100
const longestPollMs = 1000

const retries = { retries: 3, minTimeout: 500, factor: 2 }

/**
 * Predicts a matte on the server `config.remote` (an `@nobg/server`, fal's protocol). Only the picture at the operating
 * resolution is sent, and only the matte is returned. All other steps and all caches stay on this machine.
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
    if (signal?.aborted) await server.cancel(id)
    throw error
  }
}

/** Body of a request for the mask alone, as a data URI in the response. */
function describe({ model, operatingResolution }: Plan, png: Uint8Array) {
  const { resolution } = model
  const own = typeof resolution === 'number' ? resolution : resolution.default
  return {
    image_url: `data:image/png;base64,${Buffer.from(png).toString('base64')}`,
    model: model.id,
    ...(operatingResolution !== own && { operating_resolution: operatingResolution }),
    matte_upsampling: 'bilinear',
    // This machine checks for a subject later, after `threshold`.
    allow_empty: true,
    mask_only: true,
    sync_mode: true,
  }
}

async function waitForEnd(server: Server, id: string): Promise<Status> {
  for (let waitMs = firstPollMs; ; waitMs = Math.min(waitMs * 1.5, longestPollMs)) {
    const status = await server.call<Status>('GET', `/requests/${id}/status`)
    if (status.status === 'COMPLETED') return status
    await server.wait(waitMs)
  }
}

/** Refuses a matte of another model: it would be cached under this model's key. */
function checkModel({ model }: Plan, { model: used }: Reply): void {
  if (used && used !== model.id) {
    throw new NobgError(
      'REMOTE_FAILED',
      `Expected the remote server to run ${model.id}, got a matte of ${used}.`,
      {
        hint: 'Start the server without --substitute, or set the same substitute here.',
      },
    )
  }
}

/** A response of the server. */
interface Reply {
  /** The body, JSON. */
  text: string
  /** Id of the model that ran, if the server names it. */
  model: string | null
}

interface Server {
  call<Answer>(method: string, path: string, body?: object, check?: (reply: Reply) => void): Promise<Answer>
  /** Waits. @throws {NobgError} ABORTED */
  wait(ms: number): Promise<void>
  /** Cancels a request. Ignores failures. */
  cancel(id: string): Promise<void>
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
    // Only v2 accepts `mask_only`; requests are found under both names.
    const address = method === 'POST' ? `${base}/v2` : `${base}${path}`
    try {
      const init = { method, headers, body: body && JSON.stringify(body), signal: stop }
      const response = await client.fetch(address, init)
      const text = await response.text()
      if (response.ok) return { text, model: response.headers.get('x-nobg-model') }
      const refusal = refuse(remote, response.status, text)
      // A wrong request fails again; a busy server may answer later.
      throw response.status < 500 && response.status !== 429 ? new AbortError(refusal) : refusal
    } finally {
      await client.close()
    }
  }

  return {
    async call(method, path, body, check) {
      try {
        const reply = await pRetry(() => ask(method, path, body, signal), { ...retries, signal })
        check?.(reply)
        return JSON.parse(reply.text) as never
      } catch (error) {
        if (signal?.aborted) throw abortError(signal)
        if (error instanceof NobgError) throw error
        throw new NobgError(
          'REMOTE_FAILED',
          `Expected an answer from ${remote}, got: ${describeCause(error)}.`,
          {
            hint: 'Start the server (npx nobg serve), or correct the URL in `remote`.',
            cause: error,
          },
        )
      }
    },
    wait: ms =>
      delay(ms, undefined, { signal }).catch(() => {
        throw abortError(signal as AbortSignal)
      }),
    async cancel(id) {
      await ask('PUT', `/requests/${id}/cancel`, undefined).catch(() => {})
    },
  }
}

function refuse(remote: string, status: number, text: string): NobgError {
  const isKey = status === 401
  return new NobgError(
    'REMOTE_FAILED',
    `Expected a matte from ${remote}, got ${status}: ${abbreviate(text, 300)}`,
    {
      hint: isKey
        ? "Set `remoteKey`, or NOBG_REMOTE_KEY, to one of the server's keys."
        : 'Read the log of the server.',
    },
  )
}

function describeCause(error: unknown): string {
  const { cause, message } = error as Error
  return (cause as NodeJS.ErrnoException)?.code ?? message
}
