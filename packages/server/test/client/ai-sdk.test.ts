import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createFal } from '@ai-sdk/fal'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFetch } from '../../src/client/create-fetch.ts'
import { key, openServer, type TestServer } from '../support/open-server.ts'

const coffee = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')

let it: TestServer
let imageUrl: string

beforeAll(async () => {
  it = await openServer()
  const png = await sharp(await readFile(coffee))
    .resize(120)
    .png()
    .toBuffer()
  imageUrl = `data:image/png;base64,${png.toString('base64')}`
})

afterAll(() => it[Symbol.asyncDispose]())

// The AI SDK refuses to download from localhost and from private addresses.
test.each([
  ['fetch of the client', () => createFal({ apiKey: key, fetch: createFetch(it.url) })],
  ['the base URL of the client', () => createFal({ apiKey: key, baseURL: `${it.url}/fal.run` })],
  [
    'the headers of generateImage',
    () => createFal({ apiKey: key, baseURL: `${it.url}/fal.run`, headers: { 'user-agent': 'ai/7.0.173' } }),
  ],
])('the AI SDK gets a cutout of this machine through %s', async (_, createProvider) => {
  const { images } = await createProvider()
    .image('fal-ai/birefnet')
    .doGenerate({
      prompt: '',
      n: 1,
      size: undefined,
      aspectRatio: undefined,
      seed: undefined,
      files: undefined,
      mask: undefined,
      providerOptions: { fal: { image_url: imageUrl } },
    })
  const { width, height, hasAlpha } = await sharp(images[0] as Uint8Array).metadata()
  expect({ width, height, hasAlpha }).toEqual({ width: 120, height: 80, hasAlpha: true })
})
