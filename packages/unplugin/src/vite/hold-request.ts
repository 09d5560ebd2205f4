import { existsSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Connect } from 'vite'
import type { PlannedCutout } from '../core/cutouts.ts'
import { awaitFile, showLater } from './deliver.ts'
import { toServedPath } from './served-path.ts'
import { recordStandIn } from './stand-ins.ts'
import type { PluginState } from './state.ts'

/** A browser opens six connections to a server. Half of them stay free for modules and hot updates. */
const MAX_HELD = 3

/**
 * Holds a request until the picture is ready. At most three image requests of a client wait at the same time; the next get the
 * photograph, and request the picture again when it is ready.
 *
 * @returns `ready` if the picture can be served; `replaced` if `request.url` is now that of the photograph or the draft, which
 *   the server must send; `answered` if the answer is complete.
 */
export async function holdRequest(
  state: PluginState,
  planned: PlannedCutout,
  request: Connect.IncomingMessage,
  response: ServerResponse,
): Promise<'ready' | 'replaced' | 'answered'> {
  const delivery = showLater(state, planned)
  const release = takePlace(state, planned, request, response)
  try {
    const file = await awaitFile(state, planned, delivery, release ? undefined : 0)
    if (response.destroyed) return 'answered'
    if (file === planned.file) return 'ready'
    recordStandIn(state, request.originalUrl ?? request.url ?? '', planned)
    // A redirect would cost a second request, for which the modules of the page would wait.
    request.url = toUrl(state, file)
    response.setHeader('Cache-Control', 'no-store')
    return 'replaced'
  } catch {
    // The job's error is in the terminal and in the overlay.
    response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`nobg could not make ${planned.label}.\n`)
  } finally {
    release?.()
  }
  return 'answered'
}

/** The URL path of a served file, with the server's base. */
export function toUrl({ config }: PluginState, file: string): string {
  return config.base + encodeURI(toServedPath(config, file)).slice(1)
}

/**
 * Takes one of the places of a client. Requests of scripts always have a place, because no event can replace their result.
 *
 * @returns a function that frees the place; undefined if there is none.
 */
function takePlace(
  { held, options }: PluginState,
  { file }: PlannedCutout,
  { headers, socket }: Connect.IncomingMessage,
  response: ServerResponse,
): (() => void) | undefined {
  // A file in the cache is only verified.
  if (options.dev === 'wait' || !headers.accept?.startsWith('image/') || existsSync(file)) return () => {}
  const client = socket.remoteAddress ?? ''
  const count = held.get(client) ?? 0
  if (count >= MAX_HELD) return undefined
  held.set(client, count + 1)
  let isFree = false
  const release = () => {
    if (isFree) return
    isFree = true
    held.set(client, (held.get(client) ?? 1) - 1)
  }
  // The page was closed or reloaded.
  response.once('close', release)
  return release
}
