import { setTimeout as delay } from 'node:timers/promises'
import { varyPicture } from '../server-load/pictures.ts'
import type { SoakCounts } from './soak-counts.ts'

/** What a client of the soak test has. */
export interface Client {
  base: string
  /** A photograph as JPEG. */
  photograph: Uint8Array
  /** Time after which nothing is begun, in ms since 1970. */
  until: number
  counts: SoakCounts
}

const POLL_MS = 300
const RETRY_MS = 500
/** A request that has no result this time after the end of the test is lost. Until then it may wait for a slow machine. */
const PATIENT_MS = 180_000
const app = 'fal-ai/birefnet/v2'

/** Submits photographs one after the other, waits for each, and checks the file. */
export async function cutOut(client: Client): Promise<void> {
  const { photograph, until, counts } = client
  while (Date.now() < until) {
    const image = Buffer.from(varyPicture(photograph)).toString('base64')
    const id = await submit(client, `data:image/jpeg;base64,${image}`)
    if (!id) continue
    const reason = await waitFor(client, id)
    if (reason === undefined) counts.finished++
    else counts.lost.push(`${id}: ${reason}`)
  }
}

/** Submits photographs, and cancels each while it waits or runs. */
export async function cancelRequests(client: Client): Promise<void> {
  const { base, photograph, until, counts } = client
  while (Date.now() < until) {
    const image = Buffer.from(varyPicture(photograph)).toString('base64')
    const id = await submit(client, `data:image/jpeg;base64,${image}`)
    await delay(Math.random() * 1000)
    if (!id) continue
    await retry(() => fetch(`${base}/queue.fal.run/${app}/requests/${id}/cancel`, { method: 'PUT' }))
    counts.canceled++
  }
}

/** Uploads files, and reads each back slowly. */
export async function upload({ base, until, counts }: Client): Promise<void> {
  while (Date.now() < until) {
    const bytes = Buffer.alloc(4 * 2 ** 20 + Math.floor(Math.random() * 1000), Math.random().toString())
    try {
      const initiate = `${base}/rest.fal.ai/storage/upload/initiate`
      const began = await fetch(initiate, { method: 'POST', body: '{}' })
      const { upload_url, file_url } = (await began.json()) as Record<string, string>
      if (!(await fetch(upload_url, { method: 'PUT', body: bytes })).ok) continue
      const pieces: Uint8Array[] = []
      for await (const piece of (await fetch(file_url)).body ?? []) {
        pieces.push(piece)
        await delay(10)
      }
      counts.slow++
      if (Buffer.concat(pieces).equals(bytes)) counts.uploads++
      else counts.lost.push('a file was changed')
    } catch {
      // The server is away.
      await delay(RETRY_MS)
    }
  }
}

/** @returns the id of an accepted request */
async function submit({ base, counts }: Client, image_url: string): Promise<string | undefined> {
  try {
    const body = JSON.stringify({ image_url, model: 'u2netp' })
    const response = await fetch(`${base}/queue.fal.run/${app}`, { method: 'POST', body })
    if (!response.ok) throw new Error(String(response.status))
    const { request_id } = (await response.json()) as { request_id: string }
    counts.accepted++
    return request_id
  } catch {
    await delay(RETRY_MS)
    return undefined
  }
}

/** @returns why there is no whole result; undefined if there is one */
async function waitFor({ base, until, counts }: Client, id: string): Promise<string | undefined> {
  const request = `${base}/queue.fal.run/${app}/requests/${id}`
  for (; Date.now() < until + PATIENT_MS; await delay(POLL_MS)) {
    const response = await retry(async () => {
      const asked = performance.now()
      const answer = await fetch(`${request}/status`)
      // Not those that the server cannot answer during an outage.
      if (answer.ok) counts.statusMs.push(performance.now() - asked)
      return answer
    })
    const { status } = (await response.json()) as { status?: string }
    if (response.status === 404) return 'its status is 404'
    if (status !== 'COMPLETED') continue
    const result = await retry(() => fetch(request))
    const answer = (await result.json()) as { image?: { url: string; file_size: number } }
    const { image } = answer
    if (!image) return `its result is ${result.status} ${JSON.stringify(answer).slice(0, 300)}`
    const file = await retry(() => fetch(image.url))
    return (await file.arrayBuffer()).byteLength === image.file_size ? undefined : 'its file is not whole'
  }
  return `no result ${PATIENT_MS / 1000} s after the end of the test`
}

/** Calls again while the server is away. */
async function retry(call: () => Promise<Response>): Promise<Response> {
  const started = Date.now()
  for (;;) {
    const response = await call().catch(() => undefined)
    if (response && ![429, 502, 503].includes(response.status)) return response
    await response?.body?.cancel()
    if (Date.now() - started > PATIENT_MS) throw new Error('The server is away for too long.')
    await delay(RETRY_MS)
  }
}
