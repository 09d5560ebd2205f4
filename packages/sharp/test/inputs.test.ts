import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import sharp, { type Sharp } from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CutoutInput } from '../src/index.ts'
import { coffee, measureDistance, openEngine } from './open-engine.ts'

const { nobg, remover } = await openEngine()
const model = 'u2netp'
const bytes = await readFile(coffee)

let expected: Uint8Array

beforeAll(async () => {
  expected = (await remover.removeBackground(coffee, { model })).data
})

function fill(image: Sharp): Sharp {
  createReadStream(coffee).pipe(image)
  return image
}

const inputs: [kind: string, open: () => CutoutInput][] = [
  ['a path', () => coffee],
  ['a URL', () => pathToFileURL(coffee)],
  ['a URL as a string', () => pathToFileURL(coffee).href],
  ['a Buffer', () => bytes],
  ['a Uint8Array', () => new Uint8Array(bytes)],
  ['an ArrayBuffer', () => new Uint8Array(bytes).buffer],
  ['a Blob', () => new Blob([new Uint8Array(bytes)])],
  ['a web stream', () => new Blob([new Uint8Array(bytes)]).stream()],
  ['a Node stream', () => createReadStream(coffee)],
  ['a sharp instance of a path', () => sharp(coffee)],
  ['a sharp instance of bytes', () => sharp(bytes)],
  ['a sharp instance that is fed by a stream', () => fill(sharp())],
  ['a sharp instance that was read before', () => fill(sharp()).toBuffer(() => {})],
]

describe('the cutout equals that of @nobg/core bit for bit', () => {
  test.each(inputs)('from %s', async (_, open) => {
    expect(await measureDistance(nobg(open(), { model }), sharp(expected))).toBe(0)
  })

  test.each([
    ['nobg(options)', () => nobg({ model })],
    ['nobg(undefined, options)', () => nobg(undefined, { model })],
    ['nobg(null, options)', () => nobg(null, { model })],
  ])('from a stream that is piped into %s', async (_, open) => {
    const piped = createReadStream(coffee).pipe(open())
    expect(await measureDistance(piped, sharp(expected))).toBe(0)
  })

  test('from bytes that are written after the method call', async () => {
    const written = nobg({ model })
    const distance = measureDistance(written, sharp(expected))
    for (let at = 0; at < bytes.length; at += 50_000) written.write(bytes.subarray(at, at + 50_000))
    written.end()
    expect(await distance).toBe(0)
  })
})

describe('a sharp instance', () => {
  const operations: [name: string, operate: (image: Sharp) => Sharp][] = [
    ['geometry', image => image.rotate(90).flop().resize(300)],
    ['colors', image => image.modulate({ saturation: 0.5 }).tint('teal')],
    ['grayscale', image => image.greyscale()],
    ['b-w', image => image.toColourspace('b-w')],
    ['an alpha of its own', image => image.ensureAlpha(0.5)],
    ['another profile', image => image.withIccProfile('p3')],
    ['CMYK', image => image.toColourspace('cmyk')],
  ]

  test.each(operations)('gives its pixels after its operations: %s', async (_, operate) => {
    const before = await operate(sharp(coffee)).png().toBuffer()
    const distance = await measureDistance(nobg(operate(sharp(coffee)), { model }), nobg(before, { model }))
    expect(distance).toBe(0)
  })

  test('may join several files', async () => {
    const join = () => sharp([coffee, coffee], { join: { across: 2 } })
    const joined = await join().png().toBuffer()
    expect(await measureDistance(nobg(join(), { model }), nobg(joined, { model }))).toBe(0)
    expect((await nobg(join(), { model }).metadata()).width).toBe(1200)
  })

  test('may hold raw pixels', async () => {
    const { data, info } = await sharp(coffee).raw().toBuffer({ resolveWithObject: true })
    const raw = { width: info.width, height: info.height, channels: 3 } as const
    expect(await measureDistance(nobg(sharp(data, { raw }), { model }), sharp(expected))).toBe(0)
  })

  test('keeps operations that are chained later to itself', async () => {
    const image = sharp(coffee)
    const cutout = nobg(image, { model })
    expect((await image.resize(100).toBuffer({ resolveWithObject: true })).info.width).toBe(100)
    expect((await cutout.metadata()).width).toBe(600)
  })

  test('may be a cutout', async () => {
    const twice = nobg(nobg(coffee, { model }).resize(200), { model })
    expect(await twice.metadata()).toMatchObject({ width: 200, channels: 4 })
  })

  test('that has several frames is an error', async () => {
    const frame = { create: { width: 20, height: 20, channels: 3, background: 'red' } } as const
    const other = { create: { ...frame.create, background: 'blue' } } as const
    const frames = [await sharp(frame).png().toBuffer(), await sharp(other).png().toBuffer()]
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()
    await expect(nobg(sharp(gif, { animated: true }), { model }).toBuffer()).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringContaining('2 frames'),
    })
    expect(await nobg(sharp(gif), { model, allowEmpty: true }).metadata()).toMatchObject({
      width: 20,
      height: 20,
    })
  })
})

test('applies the EXIF orientation of a file, but not that of a sharp instance', async () => {
  const turned = await sharp(coffee).withMetadata({ orientation: 6 }).jpeg().toBuffer()
  expect(await nobg(turned, { model }).metadata()).toMatchObject({ width: 400, height: 600 })
  expect(await nobg(sharp(turned), { model }).metadata()).toMatchObject({ width: 600, height: 400 })
  expect(await nobg(sharp(turned).autoOrient(), { model }).metadata()).toMatchObject({ width: 400 })
})
