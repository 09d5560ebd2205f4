import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StoredRequest } from '../../src/queue/records.ts'
import { createClient } from '../support/open-server.ts'
import { toDataUri } from '../support/pictures.ts'

const coffee = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')
const app = 'fal-ai/birefnet'

let dir: string
const children: ChildProcess[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-lost-'))
})

afterAll(async () => {
  for (const child of children) {
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
  await rm(dir, { recursive: true })
})

/** Starts a server on the folder, and records the requests that it ran. */
async function start() {
  const child = fork(join(import.meta.dirname, '../support/serve.ts'), [dir, '0'])
  children.push(child)
  const [url] = (await once(child, 'message')) as [string]
  const ran: string[] = []
  child.on('message', ([{ request }]: [{ request: string }]) => ran.push(request))
  return { child, url, ran }
}

/** The records on the disk, by id. */
async function readRecords(): Promise<Map<string, StoredRequest>> {
  const queue = join(dir, 'data', 'queue')
  const [home = ''] = (await readdir(queue)).filter(name => name.startsWith('generation-'))
  const records = new Map<string, StoredRequest>()
  for (const name of await readdir(join(queue, home, 'requests')))
    if (name.endsWith('.json'))
      records.set(
        name.slice(0, -'.json'.length),
        JSON.parse(await readFile(join(queue, home, 'requests', name), 'utf8')),
      )
  return records
}

/** The server that wrote an outcome: the address of the result's file begins with the server's. */
const writerOf = (stored: StoredRequest | undefined) =>
  stored?.outcome && new URL((stored.outcome.body as { image: { url: string } }).image.url).origin

test('a server that was stopped while another took its folder over writes no result, and no request is lost', async () => {
  const first = await start()
  const fal = createClient(first.url, undefined)
  const ids: string[] = []
  for (const width of [600, 590, 580, 570, 560, 550]) {
    // Not an upload: its address would name the first server.
    const image_url = await toDataUri(sharp(coffee).resize(width).png().toBuffer())
    const { request_id } = await fal.queue.submit(app, { input: { image_url } })
    ids.push(request_id)
  }
  const stateOf = async (id: string) => (await fal.queue.status(app, { requestId: id })).status as string
  while ((await stateOf(ids[1])) === 'IN_QUEUE');
  first.child.kill('SIGSTOP')
  const before = await readRecords()
  const unfinished = ids.filter(id => !before.get(id)?.outcome)
  expect(unfinished.length).toBeGreaterThan(3)

  // It waits until the lock has not been renewed for five seconds.
  const second = await start()
  first.child.kill('SIGCONT')
  // Both run the same requests, until the first notices.
  while ((await fetch(`${first.url}/healthz`)).status !== 503);
  const read = async (path: string, init?: RequestInit) => (await fetch(`${first.url}/${path}`, init)).status
  expect(await read(`queue.fal.run/${app}/requests/${ids[0]}/status`)).toBe(503)
  expect(await read(`queue.fal.run/${app}`, { method: 'POST', body: '{"image_url":"data:,x"}' })).toBe(503)

  const other = createClient(second.url, undefined)
  for (const requestId of ids) await other.queue.subscribeToStatus(app, { requestId, pollInterval: 50 })
  const records = await readRecords()
  expect([...records.keys()].sort()).toEqual([...ids].sort())
  for (const id of ids)
    expect(writerOf(records.get(id))).toBe(unfinished.includes(id) ? second.url : first.url)
  expect([...second.ran].sort()).toEqual([...unfinished].sort())
})
