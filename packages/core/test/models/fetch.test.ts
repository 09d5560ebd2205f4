import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type FetchConfig, fetchWeights } from '../../src/models/fetch.ts'
import { partPath } from '../../src/models/partial-download.ts'
import type { Model } from '../../src/models/table.ts'
import { NobgError } from '../../src/shared/errors.ts'
import type { Progress, RunOptions } from '../../src/shared/types.ts'
import { plainModel } from '../support/graphs.ts'
import { type Script, startScript } from '../support/script.ts'
import {
  closeServer,
  describeModel,
  half,
  openWeightsServer,
  portOf,
  type WeightsServer,
  weights,
} from '../support/weights-server.ts'

let server: WeightsServer
let dir: string
let path: string

beforeEach(async () => {
  server = await openWeightsServer()
  dir = await mkdtemp(join(tmpdir(), 'nobg-fetch-'))
  path = join(dir, 'models/plain.onnx')
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await server.close()
  await rm(dir, { recursive: true, force: true })
})

const hasty: FetchConfig = { download: true, retryAfterMs: 1 }

/** Fetches from the first of these paths that gives the file. */
const fetch = (paths: string[], config: Partial<FetchConfig> = {}, run: RunOptions = {}) =>
  fetchWeights(describeModel(server, ...paths), path, { ...hasty, ...config }, run)

/** The error of the same call. */
const fail = (paths: string[], config?: Partial<FetchConfig>): Promise<NobgError> =>
  fetch(paths, config).then(
    () => expect.unreachable(),
    error => error,
  )

/** Writes the files that an interrupted download leaves. */
async function leavePart(bytes: Uint8Array, model: Model = describeModel(server)): Promise<void> {
  await mkdir(join(dir, 'models'), { recursive: true })
  await writeFile(partPath(path, model), bytes)
}

/** Every file, `.part` files and locks among them, by name and size. */
async function listFiles(): Promise<Record<string, number>> {
  const names = await readdir(join(dir, 'models')).catch(() => [])
  const sizes = names.map(async name => [name, (await stat(join(dir, 'models', name))).size])
  return Object.fromEntries(await Promise.all(sizes))
}

async function untilPart(bytes: number): Promise<void> {
  while (!Object.values(await listFiles()).includes(bytes)) await sleep(5)
}

async function expectWhole(): Promise<void> {
  expect(Buffer.compare(await readFile(path), weights)).toBe(0)
  expect(Object.keys(await listFiles())).toEqual(['plain.onnx'])
}

/** undici counts in whole seconds, and rounds up. */
const timeoutMs = 100

describe('the right file', () => {
  test.each([
    ['comes', ['/right'], ['/right']],
    ['by a redirect', ['/moved'], ['/moved', '/right']],
    ['packed by the server, unasked', ['/packed'], ['/packed']],
    ['after a server was busy', ['/busy-once'], ['/busy-once', '/busy-once']],
    ['after a cut, the rest alone', ['/cut-once'], ['/cut-once', expect.stringMatching(/^\/cut-once \d+-$/)]],
    [
      'after a cut, from the first byte if the server supports no ranges',
      ['/cut-once-no-part'],
      ['/cut-once-no-part', expect.stringMatching(/^\/cut-once-no-part \d+-$/)],
    ],
    [
      'after a stall, the rest alone',
      ['/stalled-once'],
      ['/stalled-once', expect.stringMatching(/^\/stalled-once \d+-$/)],
    ],
    ['from the second address', ['/missing', '/right'], ['/missing', '/right']],
    ['after four bad ones', ['/page', '/flipped', '/pointer', '/long', '/right'], undefined],
    ['after one that does not answer', ['http://127.0.0.1:1/right', '/right'], ['/right']],
  ])('%s', async (_, paths, asked) => {
    await fetch(paths, asked?.some(line => line === '/stalled-once') ? { timeoutMs } : {})
    await expectWhole()
    if (asked) expect(server.asked).toEqual(asked)
  })

  test('is put together from two addresses', async () => {
    await fetch(['/cut', '/right'])
    await expectWhole()
    // Each try brings half of the rest, and does not count before that is less than a hundredth of the whole.
    expect(server.asked.length).toBeGreaterThan(5)
    expect(server.asked.at(-1)).toMatch(/^\/right \d+-$/)
  })

  test.each<[string, string, string[]]>([
    ['the rest', '/right', [`/right ${half}-`]],
    ['the whole, where Range is ignored', '/whole', [`/whole ${half}-`]],
    ['the whole, where there is no such part', '/no-part', [`/no-part ${half}-`, '/no-part']],
    ['the whole, where another part comes', '/other-part', [`/other-part ${half}-`, '/other-part']],
    ['the whole, where the part is packed', '/packed', [`/packed ${half}-`]],
  ])('comes after a process was killed: %s', async (_, address, asked) => {
    await leavePart(weights.subarray(0, half))
    await fetch([address])
    await expectWhole()
    expect(server.asked).toEqual(asked)
  })

  test.each<[string, () => Uint8Array, string[]]>([
    ['whole', () => weights, []],
    ['of other bytes', () => Buffer.alloc(half), [`/right ${half}-`, '/right']],
    ['whole, of other bytes', () => Buffer.alloc(weights.length), ['/right']],
    ['too long', () => Buffer.alloc(weights.length + 1), ['/right']],
    ['empty', () => Buffer.of(), ['/right']],
  ])('comes where a part was left that is %s', async (_, bytes, asked) => {
    await leavePart(bytes())
    await fetch(['/right'])
    await expectWhole()
    expect(server.asked).toEqual(asked)
  })

  test('comes where a part of other weights was left, which goes', async () => {
    await leavePart(weights.subarray(0, half), { ...describeModel(server), sha256: 'ab'.repeat(32) })
    await fetch(['/right'])
    await expectWhole()
    expect(server.asked).toEqual(['/right'])
  })

  test('of a row without size and digest is what comes', async () => {
    const model = { ...describeModel(server, '/right'), bytes: undefined, sha256: undefined }
    await leavePart(weights.subarray(0, half), model)
    await fetchWeights(model, path, hasty, {})
    await expectWhole()
    expect(server.asked).toEqual(['/right'])
  })
})

describe('an address that does not give it', () => {
  test.each([
    ['/missing', /HTTP 404 Not Found/],
    ['/forbidden', /HTTP 403 Forbidden/],
    ['/busy', /HTTP 503/],
    ['/nothing', /HTTP 204/],
    ['/empty', /expected 1048576 bytes, got 0/],
    ['/no-byte', /HTTP 416/],
    ['/flipped', /expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}/],
    ['/short', /expected 1048576 bytes, got 1048575/],
    ['/long', /expected 1048576 bytes, got more/],
    ['/says-more', /expected 1048576 bytes, got 1048676/],
    ['/says-less', /expected 1048576 bytes, got 1048476/],
    ['/page', /expected the weights, got a web page/],
    ['/page-in-disguise', /expected the weights, got a web page/],
    ['/packed-page', /expected the weights, got a web page/],
    ['/pointer', /expected the weights, got a Git LFS pointer/],
    ['/circle', /redirect/],
    ['/cut-at-once', /terminated|closed/],
  ])('%s: one error that says so', async (address, reason) => {
    const error = await fail([address])
    expect(error).toBeInstanceOf(NobgError)
    expect(error.code).toBe('WEIGHTS_UNAVAILABLE')
    // The model, the file expected, the address tried, and why not.
    expect(error.message).toContain(`Expected the weights of plain (1 MB, MIT) at ${path}`)
    expect(error.message).toContain(`\n  ${server.origin}${address}: `)
    expect(error.message).toMatch(reason)
    expect(error.hint).toContain(
      "For one image: { model: 'u2netp' }. For all images: the config field substitute: 'u2netp'",
    )
    expect(await listFiles()).toEqual({})
    const isWorthwhile = address === '/busy' || address === '/cut-at-once'
    expect(server.asked.filter(line => line === address).length).toBe(
      isWorthwhile ? 4 : address === '/circle' ? 21 : 1,
    )
  })

  test.each([
    ['/page', 'a web page'],
    ['/pointer', 'a Git LFS pointer'],
    ['/missing', 'HTTP 404'],
    ['/other-total', 'expected 1048576 bytes, got 1048581'],
    ['/empty', 'got 0'],
  ])('%s costs no part of an earlier download', async (address, reason) => {
    await leavePart(weights.subarray(0, half))
    expect((await fail([address])).message).toContain(reason)
    expect(Object.values(await listFiles())).toEqual([half])
  })

  test('that falls silent is given up, and what came is kept', async () => {
    const almost = weights.length - 1000
    await leavePart(weights.subarray(0, almost))
    const error = await fail(['/silent', '/stalled'], { timeoutMs: 100, retries: 1 })
    expect(error.message.match(/got no bytes for 100 ms/g)).toHaveLength(2)
    expect(Object.values(await listFiles())[0]).toBeGreaterThan(almost)
    expect(server.asked).toEqual([
      `/silent ${almost}-`,
      `/silent ${almost}-`,
      `/stalled ${almost}-`,
      expect.stringMatching(/^\/stalled 1048\d{3}-$/),
    ])
  })

  test('every one has its line; credentials and signatures appear in none', async () => {
    const secret = server.origin.replace('//', '//ada:secret@')
    const error = await fail([`${secret}/missing?signature=secret`, '/page', 'http://127.0.0.1:1/x'])
    expect(error.message.split('\n')).toHaveLength(4)
    expect(error.message).toContain(`${server.origin}/missing?…: got HTTP 404`)
    expect(error.message).toMatch(/http:\/\/127\.0\.0\.1:1\/x: fetch failed \(.+\)/)
    expect(error.message).not.toContain('secret')
  })
})

describe('this machine', () => {
  test('has no room: told before a byte is asked for, and no other address is tried', async () => {
    const model = { ...describeModel(server, '/right', '/right'), bytes: 2 ** 52 }
    await expect(fetchWeights(model, path, hasty, {})).rejects.toMatchObject({
      code: 'WEIGHTS_UNAVAILABLE',
      message: expect.stringMatching(
        /Expected 4503599627 MB of free disk in \S+ for the weights of plain, got \d+ MB/,
      ),
      hint: expect.stringContaining('NOBG_MODELS_DIR'),
    })
    expect(server.asked).toEqual([])
  })

  test('has a file in place of the folder', async () => {
    await writeFile(join(dir, 'models'), 'a file in its place')
    const error = await fail(['/right', '/right'])
    expect(error).toMatchObject({
      code: 'WEIGHTS_UNAVAILABLE',
      message: expect.stringMatching(/EEXIST|ENOTDIR/),
      hint: expect.stringContaining('NOBG_MODELS_DIR'),
    })
    expect(error.message.split('\n')).toHaveLength(2)
  })

  test.skipIf(process.platform !== 'linux')('has a folder that takes none', async () => {
    path = '/proc/none/models/plain.onnx'
    expect((await fail(['/right'])).message).toContain('ENOENT')
  })
})

describe('a private mirror', () => {
  test('is tried first, with its credentials', async () => {
    const modelsUrl = `${server.origin.replace('//', '//ada:secret@')}/private/`
    await fetch(['/right'], { modelsUrl })
    await expectWhole()
    expect(server.asked).toEqual(['/private/plain.onnx'])
  })

  test('that has nothing leaves it to the others', async () => {
    await fetch(['/right'], { modelsUrl: `${server.origin}/missing?token=1` })
    expect(server.asked).toEqual(['/missing/plain.onnx', '/right'])
  })

  test.each(['models.example.com', 'ftp://models.example.com', ''])('%s', async modelsUrl => {
    if (modelsUrl === '') await fetch(['/right'], { modelsUrl }).then(expectWhole)
    else expect(await fail(['/right'], { modelsUrl })).toMatchObject({ code: 'INVALID_OPTION' })
  })

  test("has nothing to say about the user's own file", async () => {
    const run = fetchWeights({ ...plainModel, path }, path, { ...hasty, modelsUrl: server.origin }, {})
    await expect(run).rejects.toThrow(`${path}, got none:\n  there is no such file`)
  })
})

describe('a proxy of the environment', () => {
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(307, { location: `${server.origin}/right` }).end()
  })
  proxy.on('connect', ({ url }, socket) => {
    asked.push(url ?? '')
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.pipe(connect(Number(new URL(server.origin).port), '127.0.0.1')).pipe(socket)
  })

  test('is asked, and NO_PROXY is heeded', async () => {
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    vi.stubEnv('http_proxy', `http://127.0.0.1:${portOf(proxy)}`)
    vi.stubEnv('no_proxy', '127.0.0.1')
    await fetch(['http://weights.invalid/right'])
    await expectWhole()
    expect(asked).toEqual([expect.stringContaining('weights.invalid')])
    await rm(path)
    await fetch(['/right'])
    expect(asked).toHaveLength(1)
    await closeServer(proxy)
    await rm(path)
    expect((await fail(['http://weights.invalid/right'])).message).toMatch(
      /weights\.invalid\/right: .*ECONNREFUSED/,
    )
  })

  test('that is invalid is named in the error', async () => {
    vi.stubEnv('http_proxy', 'nonsense')
    expect((await fail(['/right'])).message).toContain('the proxy of the environment: ')
  })
})

describe('progress', () => {
  test('goes up to the whole', async () => {
    const reports: Progress[] = []
    await fetch(['/stalled-once'], { timeoutMs }, { onProgress: report => reports.push(report) })
    for (const [index, { stage, done, total, model }] of reports.entries()) {
      expect({ stage, total, model }).toEqual({ stage: 'download', total: weights.length, model: 'plain' })
      expect(done).toBeGreaterThanOrEqual(reports[index - 1]?.done ?? 0)
    }
    expect(reports.at(-1)).toMatchObject({ done: weights.length, remainingMs: 0 })
    expect(reports.at(-1)?.bytesPerSecond).toBeGreaterThan(half / 60)
  })

  test('is announced once, before its first byte', async () => {
    const said: string[] = []
    const logger = { info: (line: string) => said.push(line), warn: (line: string) => said.push(line) }
    const heard: number[] = []
    const run = { onProgress: () => heard.push(said.length) }
    await fetch(['/missing'], { logger }, run).catch(() => {})
    await fetch(['/right'], { logger }, run)
    await fetch(['/right'], { logger }, run)
    expect(said).toEqual([
      `nobg: downloading the weights of plain (1 MB, MIT) to ${path}, once. The embedded model u2netp needs no download.`,
    ])
    expect(new Set(heard)).toEqual(new Set([1]))
  })
})

describe('the log', () => {
  const said: string[] = []
  const logger = { info: () => {}, warn: (line: string) => said.push(line) }
  beforeEach(() => void said.splice(0))

  test('names each retry and the next address', async () => {
    await fetch(['/busy', '/right'], { retries: 2, logger })
    const failed = `nobg: the download of plain from ${server.origin}/busy failed: got HTTP 503 Service Unavailable;`
    expect(said).toEqual([
      `${failed} retry 1 of 2 in 1 s.`,
      `${failed} retry 2 of 2 in 1 s.`,
      `${failed} next URL: ${server.origin}/right.`,
    ])
  })

  test('of a silent server: each try costs timeoutMs', async () => {
    await fetch(['/silent', '/right'], { retries: 1, timeoutMs, logger })
    const failed = `nobg: the download of plain from ${server.origin}/silent failed: got no bytes for 100 ms;`
    expect(said).toEqual([`${failed} retry 1 of 1 in 1 s.`, `${failed} next URL: ${server.origin}/right.`])
  })
})

describe('an abort', () => {
  test.each(['/stalled', '/silent'])('of %s keeps what came, and the next one goes on', async address => {
    const stop = new AbortController()
    const outcome = fetch([address, '/right'], {}, { signal: stop.signal }).catch(error => error)
    while (server.asked.length === 0) await sleep(5)
    if (address === '/stalled') await untilPart(half)
    stop.abort()
    expect(await outcome).toMatchObject({ code: 'ABORTED' })
    expect(server.asked).toEqual([address])
    await fetch(['/right'])
    await expectWhole()
    expect(server.asked.at(-1)).toBe(address === '/silent' ? '/right' : `/right ${half}-`)
  })

  test('at any moment leaves no file or the whole', async () => {
    for (let delayMs = 0; delayMs < 12; delayMs++) {
      const stop = new AbortController()
      const run = fetch(['/right'], {}, { signal: stop.signal })
      setTimeout(() => stop.abort(), delayMs)
      const code = await run.catch((error: NobgError) => error.code)
      if (code) expect(code).toBe('ABORTED')
      // The signal may fire when all is done.
      if (!code || (await listFiles())['plain.onnx']) await expectWhole()
      await rm(path, { force: true })
    }
  })

  test('before it began asks nobody', async () => {
    await expect(fetch(['/right'], {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    expect(server.asked).toEqual([])
  })
})

describe('several processes', () => {
  const source = new URL('../../src/models/fetch.ts', import.meta.url)
  const startFetch = (address: string): Script =>
    startScript(`
      import { fetchWeights } from '${source}'
      const model = ${JSON.stringify(describeModel(server, address))}
      const onProgress = ({ done }) => console.log(done)
      await fetchWeights(model, ${JSON.stringify(path)}, { download: true, retryAfterMs: 1 }, { onProgress })
    `)

  test('fetch once', async () => {
    const scripts = Array.from({ length: 3 }, () => startFetch('/right'))
    expect(await Promise.all(scripts.map(({ ended }) => ended))).toEqual([0, 0, 0])
    await expectWhole()
    expect(server.asked).toEqual(['/right'])
  })

  test('one that waits logs the holder and its progress', async () => {
    const script = startFetch('/stalled')
    await script.readLine()
    await untilPart(half)
    const said: string[] = []
    const logger = { info: (line: string) => said.push(line), warn: () => {} }
    const stop = new AbortController()
    const outcome = fetch(['/right'], { logger }, { signal: stop.signal }).catch(error => error)
    while (said.length === 0) await sleep(5)
    stop.abort()
    await outcome
    script.process.kill('SIGKILL')
    await script.ended
    expect(said).toEqual([
      expect.stringMatching(
        `waiting for process ${script.process.pid} on .+, which downloads plain \\(50 %\\)`,
      ),
    ])
  })

  test('one that is killed leaves its part to the next', async () => {
    const script = startFetch('/stalled')
    await script.readLine()
    await untilPart(half)
    script.process.kill('SIGKILL')
    await script.ended
    const aMinuteAgo = new Date(Date.now() - 60_000)
    await utimes(`${path}.lock`, aMinuteAgo, aMinuteAgo)
    await fetch(['/right'])
    await expectWhole()
    expect(server.asked).toEqual(['/stalled', `/right ${half}-`])
  })
})

test('nothing is fetched where that is switched off', async () => {
  const error = await fail(['/right'], { download: false })
  expect(error.message).toBe(
    `Expected the weights of plain (1 MB, MIT) at ${path}, got none:\n  downloads are off; the URL of the file is ${server.origin}/right`,
  )
  expect(error.hint).toMatch(/Put the file at this path, or allow the download\. Or use .*u2netp/)
  expect(server.asked).toEqual([])
})
