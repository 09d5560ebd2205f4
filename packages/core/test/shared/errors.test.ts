import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Config,
  createRemover,
  type ErrorCode,
  type LocalModel,
  type Model,
  models,
  NobgError,
  type OptionsInput,
} from '../../src/index.ts'
import { firstLineOf } from '../../src/shared/errors.ts'

const coffee = resolve(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')
const odd = resolve(import.meta.dirname, '../../../../../shared/odd')
const oddFiles = await readdir(odd).catch(() => [])

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-errors-'))
  await writeFile(join(dir, 'empty.jpg'), '')
  await writeFile(join(dir, 'text.jpg'), 'this is no picture')
  await writeFile(join(dir, 'page.png'), '<!doctype html><title>404</title>')
  await writeFile(join(dir, 'bomb.png'), bombPng(65536, 65536))
  const weights = await readFile(createRequire(import.meta.url).resolve('@nobg/u2netp/u2netp.onnx'))
  await writeFile(join(dir, 'whole.onnx'), weights)
  weights[weights.length >> 1] ^= 1
  await writeFile(join(dir, 'flipped.onnx'), weights)
  await copyFile(coffee, join(dir, 'coffee.png'))
})

afterAll(() => rm(dir, { recursive: true, force: true }))

/** A valid PNG header that promises far more pixels than the file could hold. */
function bombPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length)
    frame.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1 << 16))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** An engine with its own folder. */
async function openEngine(config: Config = {}) {
  const own = await mkdtemp(join(dir, 'engine-'))
  const logger = { info() {}, warn() {} }
  const remover = createRemover({
    cacheDir: join(own, 'cache'),
    modelsDir: join(own, 'models'),
    logger,
    ...config,
  })
  return { own, remover }
}

/** Processes one image. @returns its result or error, and the files that it left on disk */
async function attempt(
  { own, remover }: Awaited<ReturnType<typeof openEngine>>,
  image: unknown,
  options: OptionsInput = {},
): Promise<{ error?: unknown; left: string[] }> {
  const before = await listFiles(own)
  const error = await remover.removeBackground(image as string, { model: 'u2netp', ...options }).then(
    () => undefined,
    error => error,
  )
  const after = await listFiles(own)
  // The record that a user's file cannot be optimized stays: it prevents another attempt.
  return { error, left: after.filter(file => !before.includes(file) && !file.endsWith('.optimized.json')) }
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}

interface Fault {
  name: string
  code: ErrorCode
  image: () => unknown
  options?: OptionsInput
  config?: () => Config
}

const [light] = models
const u2netp = models.find(({ id }) => id === 'u2netp') as Model

function local(file: string): LocalModel {
  const { sha256, input, output, resolution, fit, mean, std, meaning, minMax } = u2netp
  return { path: join(dir, file), sha256, input, output, resolution, fit, mean, std, meaning, minMax }
}

const faults: Fault[] = [
  { name: 'an empty file', code: 'INVALID_SOURCE', image: () => join(dir, 'empty.jpg') },
  { name: 'text called .jpg', code: 'UNSUPPORTED_FORMAT', image: () => join(dir, 'text.jpg') },
  { name: 'a web page called .png', code: 'UNSUPPORTED_FORMAT', image: () => join(dir, 'page.png') },
  { name: 'a PNG of 65536²', code: 'TOO_MANY_PIXELS', image: () => join(dir, 'bomb.png') },
  { name: 'a missing file', code: 'SOURCE_NOT_FOUND', image: () => join(dir, 'nowhere.jpg') },
  { name: 'a directory', code: 'SOURCE_NOT_FOUND', image: () => dir },
  { name: 'a number', code: 'INVALID_SOURCE', image: () => 42 },
  { name: 'null', code: 'INVALID_SOURCE', image: () => null },
  { name: 'an unknown scheme', code: 'INVALID_SOURCE', image: () => 'ftp://example.com/a.jpg' },
  { name: 'a server that is not there', code: 'SOURCE_NOT_FOUND', image: () => 'http://127.0.0.1:9/a.jpg' },
  {
    name: 'more bytes than allowed',
    code: 'SOURCE_TOO_LARGE',
    image: () => coffee,
    config: () => ({ maxBytes: 1000 }),
  },
  {
    name: 'more pixels than allowed',
    code: 'TOO_MANY_PIXELS',
    image: () => coffee,
    config: () => ({ maxPixels: 1000 }),
  },
  { name: 'an unknown model', code: 'UNKNOWN_MODEL', image: () => coffee, options: { model: 'u3net' } },
  { name: 'an unknown option', code: 'INVALID_OPTION', image: () => coffee, options: { mdl: 1 } as never },
  {
    name: 'a resolution that the model does not have',
    code: 'UNSUPPORTED_RESOLUTION',
    image: () => coffee,
    options: { operatingResolution: 200 },
  },
  {
    name: 'missing weights that may not be downloaded',
    code: 'WEIGHTS_UNAVAILABLE',
    image: () => coffee,
    options: { model: light.id },
    config: () => ({ download: false }),
  },
  {
    name: 'missing weights without a network',
    code: 'WEIGHTS_UNAVAILABLE',
    image: () => coffee,
    options: { model: 'mine' },
    config: () => ({ models: { mine: { path: join(dir, 'nowhere.onnx') } } }),
  },
  {
    name: 'weights with one flipped bit',
    code: 'WEIGHTS_CORRUPT',
    image: () => coffee,
    options: { model: 'mine' },
    config: () => ({ models: { mine: local('flipped.onnx') } }),
  },
  {
    name: 'weights that are a picture',
    code: 'WEIGHTS_CORRUPT',
    image: () => coffee,
    options: { model: 'mine' },
    config: () => ({ models: { mine: { path: join(dir, 'coffee.png') } } }),
  },
]

describe('each fault has its code, says what to do, and leaves no file behind', () => {
  test.each(faults)('$name: $code', async ({ code, image, options, config }) => {
    const engine = await openEngine(config?.())
    const { error, left } = await attempt(engine, image(), options)
    await engine.remover.close()
    expect(error).toBeInstanceOf(NobgError)
    expect(error).toMatchObject({ code, hint: expect.stringMatching(/\w/) })
    expect(left).toEqual([])
  })

  test('the same weights unflipped are fine', async () => {
    const engine = await openEngine({ models: { mine: local('whole.onnx') } })
    expect((await attempt(engine, coffee, { model: 'mine' })).error).toBeUndefined()
    await engine.remover.close()
  })
})

const expected: Record<string, ErrorCode> = {
  'corrupted.jpg': 'CORRUPT_IMAGE',
  'giant-image.jpg': 'TOO_MANY_PIXELS',
  'iphone.heic': 'UNSUPPORTED_FORMAT',
  'relax.jp2': 'UNSUPPORTED_FORMAT',
  'truncated.jpg': 'CORRUPT_IMAGE',
  'truncated.png': 'CORRUPT_IMAGE',
}

describe.skipIf(oddFiles.length === 0)('odd pictures (needs the folder shared/ beside the checkout)', () => {
  // One remover for all, as in a build: a damaged picture must not affect the next one.
  let engine: Awaited<ReturnType<typeof openEngine>>

  beforeAll(async () => {
    engine = await openEngine()
  })

  afterAll(() => engine.remover.close())

  test.each(oddFiles.filter(file => file !== 'README.md'))('%s', async file => {
    const { error, left } = await attempt(engine, join(odd, file), { allowEmpty: true })
    if (expected[file]) {
      expect(error).toMatchObject({ code: expected[file] })
      expect(left).toEqual([])
    } else {
      expect(error).toBeUndefined()
      expect(left.filter(name => /\.png$/.test(name))).toHaveLength(2)
    }
  })
})

test.each([
  ['an error', new Error('one\ntwo'), 'one'],
  ['text', 'one\ntwo', 'one'],
  ['undefined', undefined, 'undefined'],
])('the first line of %s', (_, thrown, line) => {
  expect(firstLineOf(thrown)).toBe(line)
})
