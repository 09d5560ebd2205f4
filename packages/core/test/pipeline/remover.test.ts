import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Config, createRemover, type Progress, type Remover, removeBackground } from '../../src/index.ts'

const photos = join(import.meta.dirname, '../../../../examples/vite/src/photos')
const coffee = join(photos, 'coffee.png')

let dir: string
let open: Remover[]

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-remover-'))
  open = []
})

afterEach(async () => {
  await Promise.all(open.map(remover => remover.close()))
  await rm(dir, { recursive: true, force: true })
})

const quiet = { info() {}, warn() {} }

function openRemover(config: Config = {}): Remover {
  const remover = createRemover({
    cacheDir: join(dir, 'cache'),
    modelsDir: join(dir, 'models'),
    logger: quiet,
    ...config,
  })
  open.push(remover)
  return remover
}

/** Alpha of one pixel of an encoded picture. */
async function alphaAt(data: Uint8Array, left: number, top: number): Promise<number> {
  const pixel = await sharp(data).ensureAlpha().extract({ left, top, width: 1, height: 1 }).raw().toBuffer()
  return pixel[3]
}

const model = 'u2netp'

test('cuts out a cup, then reads it from the cache', async () => {
  const remover = openRemover()
  const first = await remover.removeBackground(coffee, { model })
  expect(first).toMatchObject({
    width: 600,
    height: 400,
    format: 'png',
    contentType: 'image/png',
    cached: false,
  })
  expect(await alphaAt(first.data, 300, 250)).toBe(255)
  expect(await alphaAt(first.data, 5, 200)).toBe(0)
  expect(Object.keys(first.timings)).toEqual(
    expect.arrayContaining(['decode', 'prepare', 'inference', 'foreground', 'encode', 'total']),
  )

  const again = await openRemover().removeBackground(coffee, { model })
  expect(again.cached).toBe(true)
  expect(again.savedMs).toBeGreaterThan(0)
  expect(Object.keys(again.timings)).toEqual(['total'])
  expect(Buffer.compare(again.data, first.data)).toBe(0)
})

test('refuses weights with a license that the config does not list, unless no weights are needed', async () => {
  const remover = openRemover({ licenses: ['MIT'] })
  await expect(remover.removeBackground(coffee, { model })).rejects.toMatchObject({
    code: 'LICENSE_NOT_ALLOWED',
    message: expect.stringContaining('got u2netp: Apache-2.0'),
  })
  const matte = { data: new Uint8Array(600 * 400).fill(255), width: 600, height: 400, channels: 1 as const }
  await expect(remover.removeBackground(coffee, { model, matte })).resolves.toMatchObject({ matte: 'own' })
})

test('all kinds of input give the same picture', async () => {
  const remover = openRemover()
  const bytes = await readFile(coffee)
  const inputs = [
    pathToFileURL(coffee),
    pathToFileURL(coffee).href,
    `data:image/png;base64,${bytes.toString('base64')}`,
    bytes,
    new Uint8Array(bytes).buffer,
    new Blob([new Uint8Array(bytes)]),
    new File([new Uint8Array(bytes)], 'coffee.png'),
    new Blob([new Uint8Array(bytes)]).stream(),
    createReadStream(coffee),
  ]
  const { matteKey } = await remover.plan(coffee, { model })
  for (const input of inputs) expect((await remover.plan(input, { model })).matteKey).toBe(matteKey)
})

describe('plan', () => {
  test('names the file without decoding, and ensure makes that file', async () => {
    const remover = openRemover()
    const plan = await remover.plan(coffee, { model, outputMask: true, outputFormat: 'webp' })
    expect(plan.fileName).toBe('coffee.webp')
    expect(plan.mask?.fileName).toBe('coffee-mask.webp')
    expect(await readdir(dir)).toEqual([])
    const made = await remover.ensure(plan)
    expect([made.file, made.maskFile]).toEqual([plan.file, plan.mask?.file])
    expect(await sharp(made.file).metadata()).toMatchObject({
      format: 'webp',
      hasAlpha: true,
      width: 600,
      height: 400,
    })
    expect(await sharp(made.maskFile).metadata()).toMatchObject({ format: 'webp', width: 600, height: 400 })
  })

  test('equal options have equal keys, and different options have different keys', async () => {
    const remover = openRemover()
    const keyOf = async (options: object) => (await remover.plan(coffee, { model, ...options })).key
    expect(await keyOf({ backgroundColor: 'white' })).toBe(await keyOf({ backgroundColor: '#fff' }))
    expect(await keyOf({ operatingResolution: 320 })).toBe(await keyOf({}))
    const keys = await Promise.all(
      [
        {},
        { crop: true },
        { crop: 3 },
        { threshold: 0.5 },
        { allowEmpty: true },
        { refineForeground: false },
        { outputFormat: 'webp' },
      ].map(keyOf),
    )
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('options after the matte share one inference', async () => {
    const remover = openRemover()
    await remover.removeBackground(coffee, { model })
    const webp = await remover.removeBackground(coffee, {
      model,
      outputFormat: 'webp',
      backgroundColor: 'white',
    })
    expect(webp.cached).toBe(false)
    expect(webp.timings.inference).toBeUndefined()
  })
})

describe('options reach the pixels', () => {
  test('backgroundColor', async () => {
    const { data } = await openRemover().removeBackground(coffee, { model, backgroundColor: '#e11d8f' })
    const corner = await sharp(data).extract({ left: 5, top: 200, width: 1, height: 1 }).raw().toBuffer()
    expect([...corner]).toEqual([0xe1, 0x1d, 0x8f])
  })

  test('crop', async () => {
    const { data, width, height } = await openRemover().removeBackground(coffee, { model, crop: 10 })
    expect(width).toBeLessThan(560)
    expect(height).toBeLessThan(400)
    expect(await sharp(data).metadata()).toMatchObject({ width, height })
  })

  test('threshold makes alpha binary', async () => {
    const { data } = await openRemover().removeBackground(coffee, { model, threshold: 0.5 })
    const alpha = await sharp(data).extractChannel('alpha').raw().toBuffer()
    expect(alpha.every(value => value === 0 || value === 255)).toBe(true)
  })

  test("the input's own alpha multiplies the matte", async () => {
    const half = await sharp(coffee).ensureAlpha(0.5).png().toBuffer()
    const { data } = await openRemover().removeBackground(half, { model })
    expect(await alphaAt(data, 300, 250)).toBeGreaterThanOrEqual(126)
    expect(await alphaAt(data, 300, 250)).toBeLessThanOrEqual(129)
  })

  test('outputMask is the alpha of the cutout', async () => {
    const { data, mask } = await openRemover().removeBackground(coffee, { model, outputMask: true })
    const alpha = await sharp(data).extractChannel('alpha').raw().toBuffer()
    expect(Buffer.compare(await sharp(mask?.data).extractChannel(0).raw().toBuffer(), alpha)).toBe(0)
  })
})

describe('an image without a subject', () => {
  const paint = (background: string) =>
    sharp({ create: { width: 60, height: 40, channels: 3, background } })
      .png()
      .toBuffer()

  test.each(['white', 'black', 'gray', 'skyblue'])(
    'an image of plain %s is an error, each time',
    async color => {
      const image = join(dir, 'empty.png')
      await writeFile(image, await paint(color))
      const remover = openRemover()
      const expected = { code: 'NO_SUBJECT', source: image, hint: expect.stringContaining('allowEmpty') }
      const refused = [{}, {}, { crop: true }, { backgroundColor: 'red' }, { outputMask: true }]
      for (const options of refused)
        await expect(remover.removeBackground(image, { model, ...options })).rejects.toMatchObject(expected)
      await expect(remover.composeCutout(image, { model })).rejects.toMatchObject(expected)
      const plan = await remover.plan(image, { model })
      await expect(remover.ensure(plan)).rejects.toMatchObject(expected)
    },
  )

  test('allowEmpty returns it uncropped, and later calls without allowEmpty still fail', async () => {
    const remover = openRemover()
    const image = await paint('white')
    const options = { model, allowEmpty: true, crop: true, outputMask: true }
    for (const cached of [false, true]) {
      const { data, mask, ...removal } = await remover.removeBackground(image, options)
      expect(removal).toMatchObject({ width: 60, height: 40, cached })
      expect((await sharp(data).stats()).channels.map(({ max }) => max)).toEqual([0, 0, 0, 0])
      expect((await sharp(mask?.data).stats()).channels[0].max).toBe(0)
    }
    const { raster } = await remover.composeCutout(image, options)
    expect(raster).toMatchObject({ width: 60, height: 40 })
    await expect(remover.removeBackground(image, { model })).rejects.toMatchObject({ code: 'NO_SUBJECT' })
  })

  test('is one after a threshold that removes the subject', async () => {
    const faint = await sharp(coffee).ensureAlpha(0.5).png().toBuffer()
    const remover = openRemover()
    await expect(remover.removeBackground(faint, { model, threshold: 0.9 })).rejects.toMatchObject({
      code: 'NO_SUBJECT',
      hint: expect.stringContaining('threshold'),
    })
    await expect(remover.removeBackground(faint, { model })).resolves.toMatchObject({ width: 600 })
  })

  test('is not one with a small subject', async () => {
    const cup = await createSmallCup()
    await expect(openRemover().removeBackground(cup, { model })).resolves.toMatchObject({ width: 1200 })
  })

  /** The cup, 24 of 1200 px wide, on white. */
  async function createSmallCup(): Promise<Buffer> {
    const { data } = await openRemover().removeBackground(coffee, { model, crop: true })
    const input = await sharp(data).resize(24).toBuffer()
    return sharp({ create: { width: 1200, height: 900, channels: 3, background: 'white' } })
      .composite([{ input, left: 400, top: 500 }])
      .png()
      .toBuffer()
  }
})

describe('substitute', () => {
  test('replaces all models, logs that once, and is part of the key', async () => {
    const said: string[] = []
    const logger = { info() {}, warn: (message: string) => said.push(message) }
    const remover = openRemover({ substitute: 'u2netp', logger })
    const key = (await remover.plan(coffee, { model: 'portrait' })).key
    await remover.plan(coffee, { model: 'Portrait' })
    expect(said).toEqual(['nobg: u2netp replaces portrait (substitute).'])
    expect(key).toBe((await openRemover().plan(coffee, { model: 'u2netp' })).key)
  })

  test('replaces only the named models', async () => {
    const remover = openRemover({ substitute: { portrait: 'u2netp' }, download: false })
    expect((await remover.plan(coffee, { model: 'portrait' })).model.id).toBe('u2netp')
    expect((await remover.plan(coffee)).model.id).toBe('general-light')
  })

  test('keeps its own resolution if it cannot run at the requested one', async () => {
    const remover = openRemover({ substitute: { 'general-light': 'u2netp', portrait: 'modnet' } })
    const planAt = async (model: string, operatingResolution: number) =>
      (await remover.plan(coffee, { model, operatingResolution })).operatingResolution
    expect(await planAt('general-light', 1024)).toBe(320)
    expect(await planAt('portrait', 1024)).toBe(1024)
    expect(await planAt('portrait', 1000)).toBe(512)
    await expect(planAt('u2netp', 200)).rejects.toMatchObject({ code: 'UNSUPPORTED_RESOLUTION' })
  })

  test('does not hide an unknown name', async () => {
    await expect(
      openRemover({ substitute: 'u2netp' }).plan(coffee, { model: 'potrait' }),
    ).rejects.toMatchObject({
      code: 'UNKNOWN_MODEL',
    })
    expect(() => openRemover({ substitute: 'u2nettp' })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_MODEL' }),
    )
  })

  test.each([
    ['u2netp', 'u2netp'],
    ['portrait=u2netp, matting=isnet', 'u2netp'],
  ])('comes from the environment: NOBG_SUBSTITUTE=%s', async (value, used) => {
    process.env.NOBG_SUBSTITUTE = value
    try {
      expect((await openRemover().plan(coffee, { model: 'portrait' })).model.id).toBe(used)
    } finally {
      delete process.env.NOBG_SUBSTITUTE
    }
  })
})

describe('long calls', () => {
  test('report their stages in order', async () => {
    const seen: Progress[] = []
    await openRemover().removeBackground(coffee, { model, onProgress: progress => seen.push(progress) })
    expect(seen.map(({ stage, done }) => `${stage} ${done}`)).toEqual([
      'queue 0',
      'inference 0',
      'inference 1',
      'encode 0',
      'encode 1',
    ])
    expect(new Set(seen.map(progress => progress.model))).toEqual(new Set(['u2netp']))
  })

  test('run each model once per image for concurrent calls', async () => {
    const remover = openRemover()
    const results = await Promise.all(
      Array.from({ length: 5 }, () => remover.removeBackground(coffee, { model })),
    )
    expect(results.filter(({ timings }) => timings.inference !== undefined)).toHaveLength(1)
    for (const { data } of results) expect(Buffer.compare(data, results[0].data)).toBe(0)
  })

  test.each([
    ['before it begins', 0],
    ['while it runs', 50],
  ])('abort %s, and leave nothing behind', async (_when, delayMs) => {
    const remover = openRemover()
    const signal = delayMs === 0 ? AbortSignal.abort() : AbortSignal.timeout(delayMs)
    await expect(remover.removeBackground(coffee, { model, signal })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    const left = await readdir(dir, { recursive: true }).catch(() => [])
    expect(left.filter(name => name.endsWith('.png'))).toEqual([])
    await expect(remover.removeBackground(coffee, { model })).resolves.toMatchObject({ width: 600 })
  })

  test('fail with a hint to the embedded model if weights are missing and downloads are off', async () => {
    const run = openRemover({ download: false }).removeBackground(coffee)
    await expect(run).rejects.toMatchObject({
      code: 'WEIGHTS_UNAVAILABLE',
      message: expect.stringMatching(/general-light.*224 MB.*MIT/),
      hint: expect.stringContaining('u2netp'),
    })
  })

  test.each([
    ['HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
    ['text', Buffer.from('a text')],
  ])('report %s as unsupported before weights are fetched', async (_, bytes) => {
    const run = openRemover({ download: false }).removeBackground(bytes)
    await expect(run).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT' })
  })
})

test('a failing cache warns once, and the pictures are still made', async () => {
  await writeFile(join(dir, 'cache'), 'a file where the folder should be')
  const said: string[] = []
  const remover = openRemover({ logger: { info() {}, warn: message => said.push(message) } })
  const removal = await remover.removeBackground(coffee, { model })
  expect(removal.width).toBe(600)
  const { file } = await remover.ensure(await remover.plan(coffee, { model }))
  expect(await sharp(file).metadata()).toMatchObject({ format: 'png', width: 600 })
  expect(said).toHaveLength(1)
})

test('a Map can be the store', async () => {
  const store = new Map<string, string>()
  const remover = openRemover({ store })
  expect((await remover.plan(coffee, { model })).file).toBeUndefined()
  await remover.removeBackground(coffee, { model })
  expect((await remover.removeBackground(coffee, { model })).cached).toBe(true)
  const { file } = await remover.ensure(await remover.plan(coffee, { model }))
  expect(await sharp(file).metadata()).toMatchObject({ format: 'png', width: 600 })
})

test('removeBackground works without createRemover', async () => {
  process.env.NOBG_CACHE_DIR = join(dir, 'cache')
  try {
    await expect(removeBackground(coffee, { model, outputFormat: 'webp' })).resolves.toMatchObject({
      format: 'webp',
    })
  } finally {
    delete process.env.NOBG_CACHE_DIR
  }
})

test.each(['removeBackground', 'composeCutout'] as const)(
  'an error of %s names the file that is damaged',
  async method => {
    const source = join(dir, 'damaged.jpg')
    await writeFile(source, 'no image')
    const remover = openRemover()
    await expect(remover[method](source, { model })).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      source,
    })
    await expect(remover[method](await readFile(source), { model })).rejects.toMatchObject({
      source: undefined,
    })
  },
)

test('concurrent equal calls each get their own bytes', async () => {
  const remover = openRemover()
  const options = { model, outputMask: true } as const
  const [one, other] = await Promise.all([1, 2].map(() => remover.removeBackground(coffee, options)))
  const whole = [other.data.byteLength, other.mask?.data.byteLength]
  structuredClone(one, { transfer: [one.data.buffer, one.mask?.data.buffer] as ArrayBuffer[] })
  expect([one.data.byteLength, one.mask?.data.byteLength]).toEqual([0, 0])
  expect([other.data.byteLength, other.mask?.data.byteLength]).toEqual(whole)
  expect((await sharp(other.data).metadata()).width).toBe(600)
})

test('files that the cache failed to write are in a temporary folder until close', async () => {
  await writeFile(join(dir, 'file'), '')
  const remover = openRemover({ cacheDir: join(dir, 'file', 'cache') })
  const plan = await remover.plan(coffee, { model })
  const { file } = await remover.ensure(plan)
  expect((await sharp(file).metadata()).width).toBe(600)
  expect((await remover.ensure(plan)).file).toBe(file)
  await remover.close()
  await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' })
})
