// A client of the server, in a thread of its own: what one does keeps no other waiting. Works when it hears until when.
import { randomUUID } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { createFalClient } from '@fal-ai/client'
import { createFetch } from '@nobg/server/client'
import type { Seen } from './clients.ts'
import { varyPicture } from './pictures.ts'

/** As often as fal's client asks by itself when it subscribes. */
const pollMs = 500

const { url, photograph } = workerData as { url: string; photograph: Uint8Array }
const app = 'fal-ai/birefnet/v2'
const fal = createFalClient({ fetch: createFetch(url) })

/** Puts requests into the server's queue until a moment has come, each when the last has ended. */
async function work(until: number): Promise<Seen> {
  const seen: Seen = { finished: 0, lost: 0, statusMs: [] }
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
  return seen
}

async function isWhole({ data }: { data: unknown }): Promise<boolean> {
  const { image } = data as { image: { url: string; file_size: number } }
  const response = await fetch(image.url)
  return response.ok && (await response.arrayBuffer()).byteLength === image.file_size
}

parentPort?.on('message', async (until: number) => parentPort?.postMessage(await work(until)))
