import { randomUUID } from 'node:crypto'
import { createFalClient } from '@fal-ai/client'
import { createFetch } from '@nobg/server/client'
import { varyPicture } from './pictures.ts'

/** What the clients saw. */
export interface Seen {
  /** Requests whose result was fetched and is whole. */
  finished: number
  /** Requests that were accepted and have no result. */
  lost: number
  /** Each status call's time, in ms. */
  statusMs: number[]
}

/** As often as fal's client asks by itself when it subscribes. */
const pollMs = 500

/** Lets clients put requests into a server's queue until a moment has come, each the next when its last has ended. */
export async function runClients(
  url: string,
  photograph: Uint8Array,
  clients: number,
  until: number,
): Promise<Seen> {
  const seen: Seen = { finished: 0, lost: 0, statusMs: [] }
  await Promise.all(Array.from({ length: clients }, () => runClient(url, photograph, until, seen)))
  return seen
}

async function runClient(url: string, photograph: Uint8Array, until: number, seen: Seen): Promise<void> {
  const fal = createFalClient({ fetch: createFetch(url) })
  const app = 'fal-ai/birefnet/v2'
  while (Date.now() < until) {
    // As an app hands it over; the client uploads it first.
    const image_url = new Blob([varyPicture(photograph)], { type: 'image/jpeg' })
    const { request_id: requestId } = await fal.queue.submit(app, {
      input: { image_url, model: 'u2netp', id: randomUUID() } as never,
    })
    for (let status = ''; status !== 'COMPLETED'; ) {
      const asked = performance.now()
      status = (await fal.queue.status(app, { requestId, logs: true })).status
      seen.statusMs.push(performance.now() - asked)
      await new Promise(resolve => setTimeout(resolve, pollMs))
    }
    const whole = await fal.queue.result(app, { requestId }).then(isWhole, () => false)
    if (whole) seen.finished++
    else seen.lost++
  }
}

async function isWhole({ data }: { data: unknown }): Promise<boolean> {
  const { image } = data as { image: { url: string; file_size: number } }
  const response = await fetch(image.url)
  return response.ok && (await response.arrayBuffer()).byteLength === image.file_size
}
