import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openAsBlob } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createFalClient } from '@fal-ai/client'
import { createFetch } from '@nobg/server/client'
import { fetchPicture, type Host } from './host.ts'

const APP = 'fal-ai/birefnet/v2'
const POLL_MS = 100

/**
 * Opens `nobg serve`. fal's client uploads each picture, submits the request and fetches the result.
 *
 * @param folder of the data and the caches of the server, which is created
 * @param pictures paths of the photographs
 */
export async function openServer(folder: string, pictures: readonly string[]): Promise<Host> {
  const folders = ['--data-dir', join(folder, 'data'), '--cache-dir', join(folder, 'cache')]
  const bin = fileURLToPath(new URL('../../../cli/src/bin.ts', import.meta.url))
  const server = spawn(process.execPath, [bin, 'serve', '--port', '0', ...folders, '--no-download'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = once(server, 'exit')
  const [line] = await Promise.race([once(createInterface(server.stderr), 'line'), gone])
  const [url] = /http:\S+\d/.exec(String(line)) ?? []
  if (!url) throw new Error(`expected the address of a server, got ${line}`)
  const fal = createFalClient({ fetch: createFetch(url) })
  return {
    title: 'nobg serve',
    pid: server.pid!,
    async cut(i) {
      const image_url = await openAsBlob(pictures[i], { type: 'image/jpeg' })
      const input = { image_url, model: 'u2netp' } as never
      const { request_id: requestId } = await fal.queue.submit(APP, { input })
      while ((await fal.queue.status(APP, { requestId })).status !== 'COMPLETED') await wait(POLL_MS)
      const { data } = await fal.queue.result(APP, { requestId })
      await fetchPicture((data as { image: { url: string } }).image.url)
    },
    async close() {
      server.kill('SIGTERM')
      await gone
    },
  }
}
