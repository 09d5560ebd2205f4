import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import type { CutoutInput, CutoutOptions, Progress } from '../src/index.ts'
import { createNobg, NobgError, nobg as sharedNobg } from '../src/index.ts'
import { coffee, openEngine } from './open-engine.ts'

const { dir, nobg, matte } = await openEngine()
const model = 'u2netp'
const bytes = await readFile(coffee)
const blank = await sharp({ create: { width: 60, height: 40, channels: 3, background: 'white' } })
  .png()
  .toBuffer()
const missing = join(dir, 'missing.jpg')

const failing: [what: string, open: () => Sharp, code: string][] = [
  ['a missing file', () => nobg(missing, { model }), 'SOURCE_NOT_FOUND'],
  ['text', () => nobg(Buffer.from('no image at all'), { model }), 'UNSUPPORTED_FORMAT'],
  ['a damaged file', () => nobg(bytes.subarray(0, 20_000), { model }), 'CORRUPT_IMAGE'],
  ['no image reference', () => nobg(7 as unknown as CutoutInput, { model }), 'INVALID_SOURCE'],
  ['an unknown model', () => nobg(coffee, { model: 'u2nett' }), 'UNKNOWN_MODEL'],
  ['a sharp instance of a missing file', () => nobg(sharp(missing), { model }), 'SOURCE_NOT_FOUND'],
  ['one of text', () => nobg(sharp(Buffer.from('no image')), { model }), 'UNSUPPORTED_FORMAT'],
  ['one of a damaged file', () => nobg(sharp(bytes.subarray(0, 20_000)), { model }), 'CORRUPT_IMAGE'],
  [
    'one of too many pixels',
    () => nobg(sharp(coffee, { limitInputPixels: 9 }), { model }),
    'TOO_MANY_PIXELS',
  ],
  ['one cut beyond its edge', () => nobg(sharp(coffee).extract(beyond), { model }), 'INVALID_SOURCE'],
  ['a picture without a subject', () => nobg(blank, { model }), 'NO_SUBJECT'],
  ['the mask of one', () => matte(blank, { model }), 'NO_SUBJECT'],
  ['an aborted signal', () => nobg(coffee, { model, signal: AbortSignal.abort() }), 'ABORTED'],
  ['a mask of a missing file', () => matte(missing, { model }), 'SOURCE_NOT_FOUND'],
]
const beyond = { left: 0, top: 0, width: 9999, height: 9 }

describe('rejects with a NobgError', () => {
  test.each(failing)('%s', async (_, open, code) => {
    const error = await open()
      .resize(10)
      .toBuffer()
      .catch(error => error)
    expect(error).toBeInstanceOf(NobgError)
    expect(error).toMatchObject({ code, hint: code === 'ABORTED' ? undefined : expect.any(String) })
  })

  const asks: [name: string, ask: (image: Sharp) => Promise<unknown>][] = [
    ['metadata', image => image.metadata()],
    ['stats', image => image.stats()],
    ['toBuffer', image => image.toBuffer()],
    ['toBuffer with an object', image => image.toBuffer({ resolveWithObject: true })],
    ['toUint8Array', image => image.toUint8Array()],
    ['toFile', image => image.toFile(join(dir, 'never.png'))],
    ['toBuffer of a clone', image => image.clone().resize(10).toBuffer()],
    ['a metadata callback', image => new Promise((_, reject) => image.metadata(reject))],
    ['a stats callback', image => new Promise((_, reject) => image.stats(reject))],
    ['a toBuffer callback', image => new Promise((_, reject) => image.toBuffer(reject))],
    ['a toFile callback', image => new Promise((_, reject) => image.toFile(join(dir, 'never.png'), reject))],
  ]
  test.each(asks)('from %s', async (_, ask) => {
    const cutout = nobg(missing, { model })
    await expect(ask(cutout)).rejects.toMatchObject({ name: 'NobgError', code: 'SOURCE_NOT_FOUND' })
    await expect(ask(cutout)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
    await expect(stat(join(dir, 'never.png'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test("but an error after the removal is sharp's own", async () => {
    const error = await nobg(coffee, { model })
      .extract(beyond)
      .toBuffer()
      .catch(error => error)
    expect(error).not.toBeInstanceOf(NobgError)
    expect(error.message).toMatch(/bad extract area/)
    await expect(nobg(coffee, { model }).toFile(7 as unknown as string)).rejects.toThrow(
      'Missing output file',
    )
  })

  test.each(['queue 0', 'inference 0'])('aborted at %s, and the work stops', async when => {
    await using engine = openFresh()
    const controller = new AbortController()
    const stages: string[] = []
    const onProgress = ({ stage, done }: Progress) => {
      stages.push(`${stage} ${done}`)
      if (stages.at(-1) === when) controller.abort(new Error('changed my mind'))
    }
    const cutout = engine.nobg(coffee, { model, signal: controller.signal, onProgress })
    const written = cutout.toFile(join(dir, 'aborted.png'))
    await expect(written).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'changed my mind' } })
    expect(stages.at(-1)).toBe(when)
    await expect(stat(join(dir, 'aborted.png'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('aborted while a sharp instance is read', async () => {
    const cutout = nobg(sharp(coffee).resize(4000), { model, signal: AbortSignal.timeout(20) })
    await expect(cutout.metadata()).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

/** An engine that has no matte yet. */
function openFresh() {
  const engine = createNobg({ store: new Map() })
  return { ...engine, [Symbol.asyncDispose]: () => engine.close() }
}

describe('throws at once for', () => {
  const refused: [options: object, hint: RegExp][] = [
    [{ outputFormat: 'webp' }, /\.toFormat\('webp'\)/],
    [{ outputQuality: 90 }, /\.webp\(\{ quality: 90 \}\)/],
    [{ outputLossless: true }, /\.webp\(\{ lossless: true \}\)/],
    [{ outputMask: true }, /matte\(input\)/],
    [{ backgroundColor: 'red' }, /\.flatten\(\{ background: 'white' \}\)/],
    [{ modle: 'portrait' }, /model/],
  ]
  test.each(refused)('the options %j', (options, hint) => {
    for (const open of [() => nobg(coffee, options), () => matte(coffee, options), () => nobg(options)]) {
      expect(open).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', hint: expect.stringMatching(hint) }),
      )
    }
  })

  test.each([{ crop: 'wide' }, { signal: 'now' }, 'portrait'])('%j', options => {
    expect(() => nobg(coffee, options as unknown as CutoutOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })

  test.each([undefined, null])('%s as the only argument', given => {
    expect(() => (nobg as (given: unknown) => Sharp)(given)).toThrow(
      expect.objectContaining({ code: 'INVALID_SOURCE', hint: expect.stringContaining('source.pipe') }),
    )
  })

  const misread: [what: string, given: unknown[], code: string, hint: RegExp][] = [
    ['several images', [['a.jpg', 'b.jpg']], 'INVALID_SOURCE', /sharp\(images, \{ join \}\)/],
    ['a promise', [Promise.resolve(bytes), { model }], 'INVALID_SOURCE', /await/],
    ['decoded pixels', [{ data: bytes, width: 1, height: 1, channels: 3 }], 'INVALID_SOURCE', /raw/],
    ['what toBuffer gives', [{ data: bytes, info: {} }, { model }], 'INVALID_SOURCE', /sharp\(data/],
    ["sharp's description of a picture", [{ create: {} }], 'INVALID_OPTION', /sharp\(input, \{ create \}\)/],
    [
      "sharp's options of an input",
      [coffee, { failOn: 'none' }],
      'INVALID_OPTION',
      /sharp\(input, \{ failOn/,
    ],
    ['an array of options', [coffee, ['portrait']], 'INVALID_OPTION', /nobg\(input/],
    ['a controller as signal', [coffee, { signal: new AbortController() }], 'INVALID_OPTION', /`signal` of/],
    ['a number as onProgress', [coffee, { model, onProgress: 1 }], 'INVALID_OPTION', /onProgress: \(/],
    [
      'options without a prototype',
      [Object.assign(Object.create(null), { modle: 'x' })],
      'INVALID_OPTION',
      /model/,
    ],
  ]
  test.each(misread)('%s, and says what to write', (_, given, code, hint) => {
    const open = () => (nobg as (...given: unknown[]) => Sharp)(...given)
    expect(open).toThrow(expect.objectContaining({ code, hint: expect.stringMatching(hint) }))
  })

  test.each([null, 'cache', 7])('%j in place of a config', config => {
    expect(() => createNobg(config as unknown as object)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', hint: expect.stringContaining('createNobg') }),
    )
  })

  test('a wrong config', () => {
    expect(() => createNobg({ cachDir: 'x' } as object)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', hint: "Did you mean 'cacheDir'?" }),
    )
  })
})

test('allowEmpty gives the transparent cutout of a picture without a subject', async () => {
  for (const open of [nobg, matte]) {
    const { width, height } = await open(blank, { model, allowEmpty: true, crop: true }).metadata()
    expect([width, height]).toEqual([60, 40])
  }
})

test('ignores options that are undefined', async () => {
  const options = { model, outputFormat: undefined } as CutoutOptions
  expect((await nobg(coffee, options).metadata()).width).toBe(600)
})

test('the shared nobg reads its config from the environment', async () => {
  process.env.NOBG_CACHE_DIR = join(dir, 'shared')
  process.env.NOBG_SUBSTITUTE = 'u2netp'
  try {
    expect((await sharedNobg(coffee).metadata()).width).toBe(600)
  } finally {
    delete process.env.NOBG_CACHE_DIR
    delete process.env.NOBG_SUBSTITUTE
  }
})
