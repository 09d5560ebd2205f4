import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ImageInput } from '../../src/shared/types.ts'

const coffee = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')
const bytes = readFileSync(coffee)

/** Tests core in a process with the global classes of a simulated browser. */
export function testInSimulatedBrowser(): void {
  const dir = mkdtempSync(join(tmpdir(), 'nobg-browser-'))
  let server: Server
  beforeAll(async () => {
    server = createServer((_, response) => response.setHeader('content-type', 'image/png').end(bytes))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const open = async () => {
    const { createRemover } = await import('../../src/index.ts')
    return createRemover({ cacheDir: join(dir, 'cache'), logger: { info() {}, warn() {} } })
  }
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/coffee.png`

  const inputs: [kind: string, input: () => ImageInput][] = [
    ['path', () => coffee],
    ['Buffer', () => bytes],
    ['Uint8Array', () => new Uint8Array(bytes)],
    ['ArrayBuffer', () => new Uint8Array(bytes).buffer],
    ['Blob', () => new Blob([new Uint8Array(bytes)])],
    ['File', () => new File([new Uint8Array(bytes)], 'coffee.png')],
    ['file: URL', () => new URL(`file://${coffee}`)],
    ['http: URL', () => new URL(address())],
    ['http: URL as a string', address],
  ]
  test.each(inputs)('takes an image as a %s, with a signal', async (_, input) => {
    const remover = await open()
    const { signal } = new AbortController()
    const plan = await remover.plan(input(), { model: 'u2netp', signal })
    expect(plan.source.digest).toBe((await remover.plan(coffee, { model: 'u2netp' })).source.digest)
    await remover.close()
  })

  test('cuts out', async () => {
    const remover = await open()
    const { data } = await remover.removeBackground(bytes, {
      model: 'u2netp',
      signal: new AbortController().signal,
    })
    expect(Buffer.from(data.subarray(1, 4)).toString()).toBe('PNG')
    await remover.close()
  })

  test('rejects after an abort', async () => {
    const remover = await open()
    const stop = new AbortController()
    const run = remover.removeBackground(bytes, { model: 'u2netp', threshold: 0.4, signal: stop.signal })
    stop.abort()
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' })
    await remover.close()
  })
}
