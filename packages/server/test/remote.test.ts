import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, createRemover } from '@nobg/core'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { key, openServer, type TestServer } from './support/open-server.ts'

const coffee = join(import.meta.dirname, '../../../examples/vite/src/photos/coffee.png')
const options = { model: 'u2netp' } as const
const quiet = { info() {}, warn() {} }

let it: TestServer
let dir: string

beforeAll(async () => {
  it = await openServer()
  dir = await mkdtemp(join(tmpdir(), 'nobg-remote-'))
})

afterAll(async () => {
  await it[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

const open = (name: string, config: Config = {}) =>
  createRemover({ cacheDir: join(dir, name), logger: quiet, remote: it.url, remoteKey: key, ...config })

test('the matte equals the one that this machine makes, and is cached', async () => {
  await using far = open('far')
  await using near = open('near', { remote: undefined })
  const [theirs, ours] = [
    await far.removeBackground(coffee, options),
    await near.removeBackground(coffee, options),
  ]
  expect(Buffer.compare(theirs.data, ours.data)).toBe(0)
  expect(theirs.timings.inference).toBeGreaterThan(0)
  // Another cutout of the same matte makes no call.
  await using later = open('far', { remote: 'http://127.0.0.1:9' })
  const { cached, width } = await later.removeBackground(coffee, { ...options, outputFormat: 'webp' })
  expect([cached, width]).toEqual([false, 600])
})

test.each<[string, Config, object]>([
  [
    'a wrong key',
    { remoteKey: 'no' },
    { message: expect.stringMatching(/got 401/), hint: expect.stringMatching(/remoteKey/) },
  ],
  [
    'nobody there',
    { remote: 'http://127.0.0.1:9' },
    { message: expect.stringMatching(/Expected an answer from/) },
  ],
])('%s is an error, and nothing is cached', async (name, config, expected) => {
  await using remover = open(name, config)
  await expect(remover.removeBackground(coffee, options)).rejects.toMatchObject({
    code: 'REMOTE_FAILED',
    ...expected,
  })
})

test('a server that runs a substitute is refused', async () => {
  await using remover = open('substituted')
  await expect(remover.removeBackground(coffee, { model: 'portrait' })).rejects.toMatchObject({
    code: 'REMOTE_FAILED',
    message: 'Expected the remote server to run portrait, got a matte of u2netp.',
  })
})

test('a picture without a subject is the same error as in this process', async () => {
  const blank = sharp({ create: { width: 60, height: 40, channels: 3, background: 'white' } })
  const image = join(dir, 'blank.png')
  await blank.png().toFile(image)
  await using remover = open('blank')
  for (const more of [{}, { crop: true }]) {
    const run = remover.removeBackground(image, { ...options, ...more })
    await expect(run).rejects.toMatchObject({ code: 'NO_SUBJECT', source: image })
  }
  const { width } = await remover.removeBackground(image, { ...options, allowEmpty: true })
  expect(width).toBe(60)
})

test('an abort cancels the request on the server', async () => {
  await using remover = open('aborted')
  const stop = new AbortController()
  const run = remover.removeBackground(coffee, {
    ...options,
    signal: stop.signal,
    onProgress: ({ stage }) => stage === 'inference' && stop.abort(),
  })
  await expect(run).rejects.toMatchObject({ code: 'ABORTED' })
})
