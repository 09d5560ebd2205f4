import { tmpdir } from 'node:os'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServer, type TestServer } from '../support/open-server.ts'

let it: TestServer

beforeAll(async () => {
  it = await openServer()
})

afterAll(() => it[Symbol.asyncDispose]())

const uri = (bytes: Uint8Array | string) => `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`

/** A header of 30,000 × 30,000 pixels in a file of a few kilobytes. */
async function createBomb(): Promise<Buffer> {
  const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  bytes.writeUInt32BE(30_000, 16)
  bytes.writeUInt32BE(30_000, 20)
  const { crc32 } = await import('node:zlib')
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29)
  return bytes
}

const createBlank = () =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: 'white' } })
    .png()
    .toBuffer()

test.each([
  ['a bomb', async () => uri(await createBomb()), 'image_too_large'],
  ['a picture without a subject', async () => uri(await createBlank()), 'no_media_generated'],
  ['garbage', async () => uri('garbage'), 'image_load_error'],
  ['a page', async () => 'data:text/html,<p>', 'image_load_error'],
  ['nothing', async () => 'data:,', 'image_load_error'],
  ['a file of this machine', async () => 'file:///etc/passwd', 'file_download_error'],
  ['a path', async () => '/etc/passwd', 'file_download_error'],
  ['ftp', async () => 'ftp://example.com/a.png', 'file_download_error'],
  ['a private address', async () => 'http://169.254.169.254/latest/', 'file_download_error'],
  ['this server, elsewhere', async () => `${it.url}/metrics`, 'file_download_error'],
  ['a file that is not there', async () => `${it.url}/files/${'a'.repeat(43)}/x.png`, 'file_download_error'],
])('%s as an image: 422 without internals', async (_, locate, type) => {
  const input = { image_url: await locate() }
  const failure = await it.fal.run('fal-ai/birefnet', { input }).catch(error => error)
  expect(failure).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'image_url'], type }] } })
  expectNoInternals(JSON.stringify(failure.body))
})

function expectNoInternals(body: string): void {
  for (const inside of [tmpdir(), it.dataDir, 'node_modules', '/etc/', '/src/', '.ts:', '\\n    at '])
    expect(body).not.toContain(inside)
}

test('missing weights are reported without a path', async () => {
  await using bare = await openServer({ engine: { substitute: undefined } })
  const image_url = uri(
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .png()
      .toBuffer(),
  )
  const failure = await bare.fal.run('fal-ai/birefnet', { input: { image_url } }).catch(error => error)
  expect(failure).toMatchObject({ status: 500, body: { detail: [{ type: 'internal_server_error' }] } })
  expectNoInternals(JSON.stringify(failure.body))
})

test('allow_empty gives a transparent cutout for a picture without a subject', async () => {
  const input = { image_url: uri(await createBlank()), sync_mode: true }
  const failure = await it.fal.run('fal-ai/birefnet/v2', { input }).catch(error => error)
  expect(failure.body.detail[0].msg).toContain('allow_empty')
  const { data } = await it.fal.run('fal-ai/birefnet/v2', {
    input: { ...input, allow_empty: true } as typeof input,
  })
  expect(data.image).toMatchObject({ width: 64, height: 64 })
})
