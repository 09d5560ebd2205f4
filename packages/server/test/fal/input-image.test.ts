import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen } from '../support/listen.ts'
import { openServer, type TestServer } from '../support/open-server.ts'
import { drawCup, type ResultFile, toDataUri } from '../support/pictures.ts'

let it: TestServer

beforeAll(async () => {
  it = await openServer({ allowHosts: ['127.0.0.1'] })
})

afterAll(() => it[Symbol.asyncDispose]())

async function sizeOf(image_url: string): Promise<number[]> {
  const { data } = await it.fal.run('fal-ai/birefnet', { input: { image_url } })
  const { width, height } = (data as { image: ResultFile }).image
  return [width, height]
}

test.each(['/cup.png', '/cup', '/cup?size=full'])(
  'an address that ends in %s, of bytes without a type',
  async path => {
    const cup = await drawCup()
    const asked: (string | undefined)[] = []
    const port = await listen(({ url }, response) => {
      asked.push(url)
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(cup)
    })
    expect(await sizeOf(`http://127.0.0.1:${port}${path}`)).toEqual([150, 100])
    expect(asked).toEqual([path])
  },
)

test('a data URI of 8 MB is read', async () => {
  const cup = sharp(await drawCup())
    .resize(1450, 1400, { fit: 'fill' })
    .png({ compressionLevel: 0 })
  const image_url = await toDataUri(cup.toBuffer())
  expect(image_url.length).toBeGreaterThan(8e6)
  expect(await sizeOf(image_url)).toEqual([1450, 1400])
})
