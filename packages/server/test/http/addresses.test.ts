import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { getRequestListener } from '@hono/node-server'
import { expect, onTestFinished, test } from 'vitest'
import { key, openServer } from '../support/open-server.ts'

test.each(['127.0.0.1', '0.0.0.0', '::', 'localhost'])(
  'a server that listens at %s gives out addresses of localhost',
  async host => {
    await using it = await openServer({}, host)
    expect(it.url).toMatch(/^http:\/\/localhost:\d+$/)
    const response = await fetch(`${it.url}/rest.fal.ai/storage/upload/initiate`, {
      method: 'POST',
      headers: { authorization: `Key ${key}` },
    })
    const { upload_url, file_url } = (await response.json()) as Record<string, string>
    expect(upload_url.startsWith(`${it.url}/`)).toBe(true)
    expect((await fetch(upload_url, { method: 'PUT', body: 'a' })).status).toBe(200)
    expect(await (await fetch(file_url)).text()).toBe('a')
  },
)

test('the address of IPv6 alone stays, because localhost may be IPv4', async () => {
  await using it = await openServer({}, '::1')
  expect(it.url).toMatch(/^http:\/\/\[::1\]:\d+$/)
})

test('a body that another handler of the app has read is named in the error', async () => {
  await using it = await openServer({ publicUrl: 'http://app.example' })
  const listener = getRequestListener(it.server.fetch)
  const http = createHttpServer(async (request, response) => {
    // As express.json() does.
    await buffer(request)
    await listener(request, response)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void http.close())
  await once(http, 'listening')
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/fal.run/fal-ai/birefnet`
  const headers = { authorization: `Key ${key}`, 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: '{"image_url":"data:,x"}' })
  expect(response.status).toBe(422)
  expect(JSON.stringify(await response.json())).toContain('Mount nobg before express.json()')
  const empty = await fetch(url, { method: 'POST', headers })
  expect(JSON.stringify(await empty.json())).toContain('image_url')
})
