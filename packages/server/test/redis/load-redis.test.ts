import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-without-redis-'))
})

afterAll(() => rm(dir, { recursive: true }))

const here = (path: string) => pathToFileURL(join(import.meta.dirname, '..', path)).href

/** Runs code in a process that finds neither bullmq nor ioredis. */
async function runWithoutRedis(code: string): Promise<unknown> {
  const program = `import { createServer, createWorker } from '${here('../src/index.ts')}'
    const dataDir = ${JSON.stringify(dir)}
    const print = value => console.log(JSON.stringify(value))
    ${code}`
  const preload = here('fixtures/without-redis.js')
  const { stdout } = await execa(process.execPath, [
    '--import',
    preload,
    '--input-type=module',
    '--eval',
    program,
  ])
  return JSON.parse(stdout)
}

test.each([
  ['a server with a Redis queue', "createServer({ dataDir, redis: 'redis://127.0.0.1:1' })", 'redis'],
  ['a server with files in Redis', "createServer({ dataDir, storage: 'redis://127.0.0.1:1' })", 'storage'],
  [
    'a worker',
    "createWorker({ redis: 'redis://127.0.0.1:1', storage: 's3://a?endpoint=http://b' })",
    'redis',
  ],
])('%s needs bullmq and ioredis, and the error says how to install them', async (_, open, option) => {
  const result = await runWithoutRedis(`
    process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'x'
    await ${open}.catch(({ code, message, hint }) => print({ code, message, hint }))`)
  expect(result).toEqual({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(
      `^${option}: expected the packages bullmq and ioredis, got no (bullmq|ioredis)`,
    ),
    hint: expect.stringContaining('npm install bullmq ioredis'),
  })
})

test('a server on one machine needs neither bullmq nor ioredis', async () => {
  const code = 'const server = await createServer({ dataDir }); await server.close(); print(true)'
  expect(await runWithoutRedis(code)).toBe(true)
})
