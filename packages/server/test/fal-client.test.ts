import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServer, type TestServer } from './support/open-server.ts'

const coffee = join(import.meta.dirname, '../../../examples/vite/src/photos/coffee.png')

let it: TestServer

beforeAll(async () => {
  it = await openServer()
})

afterAll(() => it[Symbol.asyncDispose]())

test('run: a Blob goes in, a cut-out comes out', async () => {
  const image_url = new Blob([await readFile(coffee)])
  const { data, requestId } = await it.fal.run('fal-ai/birefnet', {
    input: { image_url, output_mask: true } as never,
  })
  expect(requestId).toMatch(/^[\w-]{36}$/)
  const { image } = data as { image: { url: string } }
  expect(data).toMatchObject({
    image: { content_type: 'image/png', file_name: 'image.png', width: 600, height: 400 },
    mask_image: {},
  })
  const response = await fetch(image.url)
  const bytes = Buffer.from(await response.arrayBuffer())
  expect(response.headers.get('content-type')).toBe('image/png')
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 600, height: 400, channels: 4 })
})

test('subscribe: states, logs, result', async () => {
  const image_url = `data:image/png;base64,${(await readFile(coffee)).toString('base64')}`
  const seen: string[] = []
  const { data } = await it.fal.subscribe('fal-ai/birefnet', {
    input: { image_url },
    logs: true,
    onQueueUpdate: update => seen.push(update.status),
  })
  expect(data).toMatchObject({ image: { width: 600 } })
  expect(seen.at(-1)).toBe('COMPLETED')
  const streamed = await it.fal.subscribe('fal-ai/birefnet/v2', {
    input: { image_url },
    logs: true,
    mode: 'streaming',
  })
  expect(streamed.data).toMatchObject({ image: { width: 600 } })
})
