// A client of the server, in a thread of its own: what one does keeps no other waiting. Does what it hears, until when.
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { createFalClient } from '@fal-ai/client'
import { createFetch } from '@nobg/server/client'
import type { Errand, Seen } from './clients.ts'
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
    while ((await askStatus(requestId, seen)) !== 'COMPLETED') await setTimeout(pollMs)
    const whole = await fal.queue.result(app, { requestId }).then(isWhole, () => false)
    if (whole) seen.finished++
    else seen.lost++
  }
  return seen
}

/** Asks for the status of one request again and again, whatever it is. */
async function poll(until: number): Promise<Seen> {
  const seen: Seen = { finished: 0, lost: 0, statusMs: [] }
  // Not all clients at once.
  await setTimeout(Math.random() * pollMs)
  for (; Date.now() < until; await setTimeout(pollMs)) await askStatus(randomUUID(), seen)
  return seen
}

async function askStatus(requestId: string, { statusMs }: Seen): Promise<string> {
  const asked = performance.now()
  const { status } = await fal.queue.status(app, { requestId, logs: true })
  statusMs.push(performance.now() - asked)
  return status
}

async function isWhole({ data }: { data: unknown }): Promise<boolean> {
  const { image } = data as { image: { url: string; file_size: number } }
  const response = await fetch(image.url)
  return response.ok && (await response.arrayBuffer()).byteLength === image.file_size
}

parentPort?.on('message', async ({ until, onlyPolls }: Errand) => {
  parentPort?.postMessage(await (onlyPolls ? poll(until) : work(until)))
})
