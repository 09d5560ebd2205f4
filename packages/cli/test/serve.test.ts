import { on } from 'node:events'
import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { environment, openWorkspace, program } from './support/workspace.ts'

const workspace = openWorkspace()
workspace.put('astronaut', 'astronaut.jpg')
const image_url = `data:image/jpeg;base64,${readFileSync(workspace.path('astronaut.jpg'), 'base64')}`

/** Starts a server in its own process group, as a terminal does. @returns its process and its address */
async function startServer(words: string[], env: Record<string, string> = {}) {
  const server = execa(process.execPath, [program, 'serve', '--port', '0', '--data-dir', 'data', ...words], {
    cwd: workspace.dir,
    env: { ...environment, ...env },
    detached: true,
    reject: false,
    stdin: 'ignore',
  })
  let output = ''
  for await (const [chunk] of on(server.stderr, 'data', { close: ['end'] })) {
    output += chunk
    const url = /listens on (http:\S+)\./.exec(output)?.[1]
    if (url) return { server, url }
  }
  throw new Error(`The server did not start: ${output}`)
}

const call = (url: string, key: string, init: RequestInit = {}) =>
  fetch(url, { ...init, headers: { authorization: `Key ${key}` } })

test.skipIf(process.platform === 'win32')(
  'nobg serve takes keys from flags and environment, preloads before /readyz, and finishes running requests at Ctrl-C',
  async () => {
    const words = ['--key', 'a:b', '--key', 'c', '--preload', 'u2netp']
    const { server, url } = await startServer(words, { NOBG_SERVER_KEYS: 'd,e' })
    while (!(await fetch(`${url}/readyz`)).ok);
    const statuses = ['a:b', 'c', 'd', 'e', 'f'].map(async key => (await call(`${url}/metrics`, key)).status)
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 200, 401])

    const cutOut = (crop: boolean) =>
      call(`${url}/fal.run/fal-ai/birefnet`, 'c', {
        method: 'POST',
        body: JSON.stringify({ image_url, crop }),
      })
    // Starts the processes: one that is still starting ends at Ctrl-C.
    expect((await cutOut(true)).status).toBe(200)
    const answer = cutOut(false)
    const isRunning = async () => /state="running"} 1/.test(await (await call(`${url}/metrics`, 'c')).text())
    while (!(await isRunning()));
    // A terminal sends Ctrl-C to the whole group, the inference process included.
    process.kill(-(server.pid as number), 'SIGINT')
    const response = await answer
    expect(await response.json()).toMatchObject({ image: { content_type: 'image/png' } })
    const { exitCode, stdout, stderr } = await server
    expect(exitCode).toBe(0)
    expect(stderr).toContain(`proxyUrl: { url: '${url}/api/fal/proxy', when: 'always' }`)
    expect(JSON.parse(stdout.split('\n').at(-1) ?? '')).toMatchObject({ msg: 'A request has ended.' })
  },
)

test.skipIf(process.platform === 'win32')(
  'nobg worker names the address at which it waits for Redis, and ends at Ctrl-C',
  async () => {
    const words = ['worker', '--redis', 'redis://127.0.0.1:1']
    const worker = execa(process.execPath, [program, ...words], {
      cwd: workspace.dir,
      env: environment,
      reject: false,
    })
    let output = ''
    for await (const [chunk] of on(worker.stdout, 'data', { close: ['end'] })) {
      output += chunk
      if (output.includes('Waiting for Redis.')) break
    }
    expect(output).toContain('expected a Redis server at 127.0.0.1:1')
    worker.kill('SIGINT')
    expect((await worker).exitCode).toBe(130)
  },
)

describe('nobg serve reports a wrong flag', () => {
  test.each([
    ['--port 70000', 'Expected a whole number from 0 to 65535'],
    ['--max-waiting 0', 'Expected a whole number from 1'],
    ['--max-stored-bytes 0', 'Expected a whole number from 1'],
    ['--preload portrat', 'portrat'],
    ['--public-url here', 'publicUrl'],
    ['--redis here', 'redis://host'],
    ['--storage here', 's3://bucket'],
    ['--portt 1', "unknown option '--portt'"],
  ])('%s', async (words, text) => {
    const { code, stderr } = await workspace.run(['serve', '--data-dir', 'other', ...words.split(' ')])
    expect(stderr.toLowerCase()).toContain(text.toLowerCase())
    expect(code).toBe(2)
  })
})
