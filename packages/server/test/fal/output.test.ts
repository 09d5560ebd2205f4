import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { key, openServer, type TestServer } from '../support/open-server.ts'
import { drawCup, type ResultFile, readPixels, toDataUri } from '../support/pictures.ts'

const LIFE_OF_3_SECONDS = JSON.stringify({ expiration_duration_seconds: 3 })

let it: TestServer
let image_url: string

beforeAll(async () => {
  it = await openServer()
  image_url = await toDataUri(drawCup())
})

afterAll(() => it[Symbol.asyncDispose]())

/** Runs fal's client. */
async function run(input: object = {}, app = 'fal-ai/birefnet') {
  const { data, requestId } = await it.fal.run(app, { input: { image_url, ...input } as never })
  return { ...(data as { image: ResultFile; mask_image?: ResultFile }), requestId }
}

test('all six fields of the image are right, and there is no mask', async () => {
  const { image, mask_image, requestId } = await run()
  const { bytes, width, height, channels } = await readPixels(image)
  expect(image).toEqual({
    url: expect.stringMatching(/^http:\/\/localhost:\d+\/files\/[\w-]{43}\/image\.png$/),
    content_type: 'image/png',
    file_name: 'image.png',
    file_size: bytes.byteLength,
    width: 150,
    height: 100,
  })
  expect([width, height, channels, mask_image]).toEqual([150, 100, 4, undefined])
  expect(requestId).toMatch(/^[\da-f-]{36}$/)
})

test('a data URI may be percent-encoded, in capitals, without base64, with a fragment', async () => {
  const cup = await drawCup('jpeg')
  const base64 = cup.toString('base64')
  const spellings = [
    `DATA:image/jpeg;base64,${base64}`,
    `data:image/jpeg;base64,${encodeURIComponent(base64)}`,
    `data:;base64,${base64}#cup`,
    `data:image/jpeg,${[...cup].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')}`,
  ]
  const masks = await Promise.all(
    spellings.map(async spelling => {
      const { mask_image } = await run({ image_url: spelling, output_mask: true })
      return (await readPixels(mask_image as ResultFile)).bytes.toString('base64')
    }),
  )
  expect(new Set(masks).size).toBe(1)
})

test('the file is fetched without a key, with its type and length', async () => {
  const { image } = await run()
  const { headers } = await fetch(image.url, { method: 'HEAD' })
  expect([headers.get('content-type'), headers.get('content-length')]).toEqual([
    'image/png',
    String(image.file_size),
  ])
  for (const path of ['/files/../queue', '/files/%2e%2e%2fqueue/x', `/files/${'a'.repeat(43)}/x`])
    expect((await fetch(it.url + path)).status).toBe(404)
})

test('the mask is gray and equals the alpha', async () => {
  const { image, mask_image } = await run({ output_mask: true })
  const [cutout, mask] = [await readPixels(image), await readPixels(mask_image as ResultFile)]
  expect(mask_image).toMatchObject({
    content_type: 'image/png',
    file_name: 'mask.png',
    width: 150,
    height: 100,
  })
  expect((await sharp(mask.bytes).metadata()).channels).toBe(1)
  expect(
    Buffer.compare(
      mask.data.filter((_, i) => i % mask.channels === 0),
      Buffer.from(cutout.data.filter((_, i) => i % 4 === 3)),
    ),
  ).toBe(0)
})

test('without refinement the colors are the photograph’s, and alpha is the same with it', async () => {
  const [plain, refined] = [await run({ refine_foreground: false }), await run()]
  const [one, other] = [await readPixels(plain.image), await readPixels(refined.image)]
  const photo = await sharp(await drawCup())
    .removeAlpha()
    .raw()
    .toBuffer()
  let softer = 0
  for (let i = 0; i < 150 * 100; i++) {
    expect(one.data[4 * i + 3]).toBe(other.data[4 * i + 3])
    if (one.data[4 * i + 3] === 0) continue
    expect(one.data[4 * i]).toBe(photo[3 * i])
    if (other.data[4 * i] !== photo[3 * i]) softer++
  }
  expect(softer).toBeGreaterThan(10)
})

test.each([
  ['webp', { channels: 4 }],
  ['gif', { width: 150 }],
])('%s', async (output_format, expected) => {
  const { image } = await run({ output_format })
  const { bytes } = await readPixels(image)
  expect(image).toMatchObject({ content_type: `image/${output_format}`, file_name: `image.${output_format}` })
  expect(await sharp(bytes).metadata()).toMatchObject({ format: output_format, ...expected })
})

test('the alpha of WebP is that of PNG, within a level', async () => {
  const [png, webp] = await Promise.all(
    ['png', 'webp'].map(async output_format => {
      const { data } = await readPixels((await run({ output_format })).image)
      return data.filter((_, i) => i % 4 === 3)
    }),
  )
  expect(png.length).toBe(webp.length)
  expect(Math.max(...png.map((alpha, i) => Math.abs(alpha - webp[i])))).toBeLessThanOrEqual(1)
})

test('sync_mode gives data URIs, for both files', async () => {
  const { image, mask_image } = await run({ sync_mode: true, output_mask: true })
  for (const file of [image, mask_image]) {
    expect(file?.url).toMatch(/^data:image\/png;base64,/)
    expect((await readPixels(file as ResultFile)).bytes.byteLength).toBe(file?.file_size)
  }
})

test('a result with data URIs is stored as a file, which status calls do not read, and is gone with it', async () => {
  await using other = await openServer()
  const headers = { authorization: `Key ${key}`, 'x-fal-object-lifecycle-preference': LIFE_OF_3_SECONDS }
  const body = JSON.stringify({ image_url, sync_mode: true })
  const address = `${other.url}/queue.fal.run/fal-ai/birefnet`
  const { request_id, response_url } = await (await fetch(address, { method: 'POST', headers, body })).json()
  await other.fal.queue.subscribeToStatus('fal-ai/birefnet', { requestId: request_id, pollInterval: 20 })
  const { image } = await (await fetch(response_url, { headers })).json()
  expect(image.url).toMatch(/^data:image\/png;base64,/)
  const folder = join(other.dataDir, 'queue/generation-1/requests')
  const record = await readFile(join(folder, `${request_id}.json`), 'utf8')
  expect(record).not.toContain('base64')
  expect(record.length).toBeLessThan(4000)
  await expect
    .poll(async () => (await fetch(response_url, { headers })).status, { timeout: 10_000 })
    .toBe(404)
})

test('the orientation is applied', async () => {
  const { image } = await run({ image_url: await toDataUri(drawCup('jpeg', 6), 'image/jpeg') })
  expect([image.width, image.height]).toEqual([100, 150])
})

describe('fal-ai/birefnet/v2', () => {
  test.each([
    'General Use (Light)',
    'General Use (Light 2K)',
    'General Use (Heavy)',
    'Matting',
    'Portrait',
    'General Use (Dynamic)',
  ])('has the model %s', async model => {
    expect((await run({ model }, 'fal-ai/birefnet/v2')).image.width).toBe(150)
  })

  test('mask_only gives the mask as the image', async () => {
    const only = await run({ mask_only: true }, 'fal-ai/birefnet/v2')
    const { mask_image } = await run({ output_mask: true })
    expect(only.mask_image).toBeUndefined()
    const [one, other] = [await readPixels(only.image), await readPixels(mask_image as ResultFile)]
    expect(Buffer.compare(one.data, other.data)).toBe(0)
  })
})
