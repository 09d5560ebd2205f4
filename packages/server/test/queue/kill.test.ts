import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFalClient, type FalClient } from '@fal-ai/client'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'

const coffee = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')
const app = 'fal-ai/birefnet'

let dir: string
let child: ChildProcess
let fal: FalClient

/** @returns the port */
async function start(port = 0): Promise<number> {
  child = fork(join(import.meta.dirname, '../support/serve.ts'), [dir, String(port)])
  const [url] = (await once(child, 'message')) as [string]
  fal = createFalClient({ proxyUrl: { url: `${url}/api/fal/proxy`, when: 'always' } })
  return Number(new URL(url).port)
}

async function kill(): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-kill-'))
})

afterAll(async () => {
  await kill()
  await rm(dir, { recursive: true })
})

/** A different picture for each width. */
async function photoOf(width: number): Promise<Blob> {
  return new Blob([new Uint8Array(await sharp(coffee).resize(width).png().toBuffer())])
}

test('after kill -9 during a run the next process runs accepted requests and has the finished results', async () => {
  const port = await start()
  const first = await fal.subscribe(app, {
    input: { image_url: await photoOf(90) } as never,
    pollInterval: 10,
  })
  const ids: string[] = []
  for (const width of [600, 580, 560, 540]) {
    const { request_id } = await fal.queue.submit(app, {
      input: { image_url: await photoOf(width) } as never,
    })
    ids.push(request_id)
  }
  while ((await fal.queue.status(app, { requestId: ids[1] })).status === 'IN_QUEUE');
  const states = await Promise.all(
    ids.map(async requestId => (await fal.queue.status(app, { requestId })).status),
  )
  await kill()
  expect(states).toContain('IN_PROGRESS')
  expect(states).toContain('IN_QUEUE')

  await start(port)
  const widths = await Promise.all(
    ids.map(async requestId => {
      await fal.queue.subscribeToStatus(app, { requestId, pollInterval: 50 })
      const { data } = await fal.queue.result(app, { requestId })
      return (await sharp(await fetchBytes(data)).metadata()).width
    }),
  )
  expect(widths).toEqual([600, 580, 560, 540])

  const again = await fal.queue.result(app, { requestId: first.requestId })
  expect(again.data).toEqual(first.data)
  expect(await sharp(await fetchBytes(again.data)).metadata()).toMatchObject({ width: 90, channels: 4 })
})

async function fetchBytes(data: unknown): Promise<Buffer> {
  const response = await fetch((data as { image: { url: string } }).image.url)
  expect(response.status).toBe(200)
  return Buffer.from(await response.arrayBuffer())
}
