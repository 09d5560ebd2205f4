import { once } from 'node:events'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createTokenFileStore } from '../../src/files/token-file-store.ts'
import { openFiles } from '../../src/storage/open-files.ts'

/** The part of S3 that the driver uses. It collects the key ids of signatures and does not verify them. */
const objects = new Map<string, Buffer>()
const signatures = new Set<string | undefined>()
const bucket = createServer(async (request, response) => {
  const { method = '', url = '', headers } = request
  signatures.add(
    /^AWS4-HMAC-SHA256 Credential=(\w+)\/\d{8}\/eu-1\/s3\//.exec(headers.authorization ?? '')?.[1],
  )
  const body = await buffer(request)
  if (method === 'PUT' && url.startsWith('/pictures/')) objects.set(url, body)
  if (method === 'DELETE') objects.delete(url)
  const found = objects.get(url)
  const status = method === 'DELETE' ? 204 : found ? 200 : 404
  response.writeHead(status).end(method === 'GET' ? found : undefined)
})
let address: string

beforeAll(async () => {
  await once(bucket.listen(0, '127.0.0.1'), 'listening')
  const { port } = bucket.address() as { port: number }
  address = `s3://pictures?endpoint=http://127.0.0.1:${port}&region=eu-1`
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'me')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
})

afterAll(() => {
  vi.unstubAllEnvs()
  bucket.close()
})

const open = (storage: string) => openFiles({ storage, dataDir: '' }, () => {})

test('files are written to a bucket, read unchanged and removed by signed requests', async () => {
  const files = await open(address)
  const fileStore = createTokenFileStore(files)
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
  const token = await fileStore.put({ bytes, contentType: 'image/png', fileName: 'a.png' }, 60)
  const kept = await fileStore.get(token)
  expect(kept).toMatchObject({ contentType: 'image/png', fileName: 'a.png' })
  expect(Buffer.from(kept?.bytes ?? [])).toEqual(Buffer.from(bytes))
  expect([...objects.keys()].every(path => path.startsWith('/pictures/') && path.endsWith(token))).toBe(true)
  await fileStore.delete(token)
  expect(objects.size).toBe(0)
  expect(await fileStore.get(token)).toBeUndefined()
  expect([...signatures]).toEqual(['me'])
  await files.close()
})

test('a missing bucket is an error', async () => {
  const files = await open(address.replace('pictures', 'nowhere'))
  const file = { bytes: Uint8Array.of(1), contentType: 'image/png', fileName: 'a.png' }
  await expect(createTokenFileStore(files).put(file, 60)).rejects.toThrow(
    'Expected the bucket nowhere to accept a PUT request, got 404',
  )
  await files.close()
})

describe('refuses', () => {
  test.each([
    ['s3://pictures', 'endpoint'],
    ['s3://pictures/a/folder?endpoint=http://127.0.0.1', 'without a path'],
    ['http://pictures', 's3://bucket'],
    ['pictures', 's3://bucket'],
  ])('%s', async (storage, text) => {
    await expect(open(storage)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) }),
    )
  })
})
