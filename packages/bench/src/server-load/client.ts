// A client of the server in a thread, so that clients do not delay one another. Runs the tasks that it receives.
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { createFalClient } from '@fal-ai/client'
import { createFetch } from '@nobg/server/client'
import type { ClientStats, ClientTask } from './clients.ts'
import { varyPicture } from './pictures.ts'

/** The interval of fal's client in a subscribe. */
const POLL_MS = 500

const { url, photograph } = workerData as { url: string; photograph: Uint8Array }
const app = 'fal-ai/birefnet/v2'
const fal = createFalClient({ fetch: createFetch(url) })

/** Submits requests one after the other until a time in ms since 1970. */
async function submitRequests(until: number): Promise<ClientStats> {
  const stats: ClientStats = { finished: 0, lost: 0, statusMs: [] }
  while (Date.now() < until) {
    // The client uploads a Blob, as for most apps.
    const image_url = new Blob([varyPicture(photograph)], { type: 'image/jpeg' })
    const { request_id: requestId } = await fal.queue.submit(app, {
      input: { image_url, model: 'u2netp', id: randomUUID() } as never,
    })
    while ((await askStatus(requestId, stats)) !== 'COMPLETED') await setTimeout(POLL_MS)
    const whole = await fal.queue.result(app, { requestId }).then(isWhole, () => false)
    if (whole) stats.finished++
    else stats.lost++
  }
  return stats
}

/** Polls the status of unknown requests. */
async function poll(until: number): Promise<ClientStats> {
  const stats: ClientStats = { finished: 0, lost: 0, statusMs: [] }
  // Clients start at different times.
  await setTimeout(Math.random() * POLL_MS)
  for (; Date.now() < until; await setTimeout(POLL_MS)) await askStatus(randomUUID(), stats)
  return stats
}

async function askStatus(requestId: string, { statusMs }: ClientStats): Promise<string> {
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

parentPort?.on('message', async ({ until, onlyPolls }: ClientTask) => {
  parentPort?.postMessage(await (onlyPolls ? poll(until) : submitRequests(until)))
})
