import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { openHttpClient } from '../../src/shared/http-client.ts'

afterEach(() => void vi.unstubAllEnvs())

test.each(['https', 'http'])(
  'a proxy that never answers fails a request to %s after timeoutMs',
  async protocol => {
    // Accepts connections but sends nothing.
    const proxy = createServer(socket => socket.on('error', () => {}).resume())
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    vi.stubEnv(`${protocol}_proxy`, `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
    const client = await openHttpClient(200)
    try {
      await expect(client.fetch(`${protocol}://weights.test/u2netp.onnx`)).rejects.toMatchObject({
        cause: { code: 'UND_ERR_HEADERS_TIMEOUT' },
      })
    } finally {
      await client.close()
      proxy.close()
    }
  },
)
