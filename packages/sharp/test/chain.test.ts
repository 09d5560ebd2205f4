import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '@nobg/core'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { coffee, measureDistance, openEngine, readRaw } from './open-engine.ts'

const { dir, nobg } = await openEngine()
const model = 'u2netp'

test('chains as sharp does, from the photograph to the file', async () => {
  const file = join(dir, 'cup.webp')
  const info = await nobg(sharp(coffee).rotate().resize(300), { model, crop: true })
    .resize(40)
    .webp()
    .toFile(file)
  expect(info).toMatchObject({ format: 'webp', width: 40, channels: 4 })
  expect(await sharp(file).metadata()).toMatchObject({ format: 'webp', width: 40, hasAlpha: true })
})

test('returns a sharp instance at once, whose clones are sharp instances', () => {
  const cutout = nobg(coffee, { model })
  expect(cutout).toBeInstanceOf(sharp)
  expect(cutout.resize(10)).toBe(cutout)
  expect(cutout.clone()).toBeInstanceOf(sharp)
})

test('writes PNG by default, and the format of the extension', async () => {
  const { info } = await nobg(coffee, { model }).toBuffer({ resolveWithObject: true })
  expect(info).toMatchObject({ format: 'png', width: 600, height: 400, channels: 4 })
  expect(await nobg(coffee, { model }).toFile(join(dir, 'cup.avif'))).toMatchObject({ format: 'heif' })
})

describe('every method that returns a result', () => {
  const cutout = nobg(coffee, { model })
  const shape = { format: 'png', width: 600, height: 400, channels: 4 }

  test('metadata', async () => {
    expect(await cutout.metadata()).toMatchObject({ ...shape, space: 'srgb', hasAlpha: true })
  })

  test('stats', async () => {
    const { channels, isOpaque } = await cutout.stats()
    expect(channels).toHaveLength(4)
    expect(isOpaque).toBe(false)
  })

  test('toBuffer', async () => {
    const buffer = await cutout.toBuffer()
    expect(buffer).toBeInstanceOf(Buffer)
    expect(await sharp(buffer).metadata()).toMatchObject(shape)
  })

  test('toUint8Array', async () => {
    const { data, info } = await nobg(coffee, { model }).resize(10).toUint8Array()
    expect(data).toBeInstanceOf(Uint8Array)
    expect(info.width).toBe(10)
  })

  test('gives equal results to repeated calls', async () => {
    const fresh = nobg(coffee, { model }).resize(20)
    const [one, two] = await Promise.all([fresh.toBuffer(), fresh.toBuffer()])
    expect(Buffer.compare(one, two)).toBe(0)
    expect(Buffer.compare(one, await fresh.toBuffer())).toBe(0)
  })

  const callbacks: [name: string, ask: (image: Sharp, answer: Answer) => Sharp][] = [
    ['metadata', (image, answer) => image.metadata(answer)],
    ['stats', (image, answer) => image.stats(answer)],
    ['toBuffer', (image, answer) => image.toBuffer(answer)],
    ['toFile', (image, answer) => image.toFile(join(dir, 'callback.png'), answer)],
  ]
  type Answer = (error: Error | null, value: unknown) => void

  test.each(callbacks)('%s with a callback', async (_, ask) => {
    const value = await new Promise((resolve, reject) => {
      const image = nobg(coffee, { model })
      const returned = ask(image, (error, value) => (error ? reject(error) : resolve(value)))
      expect(returned).toBe(image)
    })
    expect(value).toBeTruthy()
  })
})

describe('clones', () => {
  test('share one removal and have their own operations', async () => {
    const stages: string[] = []
    const onProgress = ({ stage, done }: Progress) => stages.push(`${stage} ${done}`)
    const cutout = nobg(sharp(coffee).flop(), { model, onProgress })
    const small = cutout.clone().resize(30)
    const flat = cutout.clone().flatten({ background: 'red' })
    const [a, b] = await Promise.all([readRaw(small), readRaw(flat)])
    expect([a.width, a.channels, b.width, b.channels]).toEqual([30, 4, 600, 3])
    expect(stages.filter(stage => stage === 'inference 1')).toHaveLength(1)
    expect((await cutout.metadata()).width).toBe(600)
    expect(await measureDistance(cutout.clone(), cutout)).toBe(0)
  })

  test('can be cloned', async () => {
    const grandchild = nobg(coffee, { model }).clone().resize(30).clone().png()
    expect(await sharp(await grandchild.toBuffer()).metadata()).toMatchObject({ width: 30, format: 'png' })
  })
})

test('does not detach the bytes of the input', async () => {
  const bytes = new Uint8Array(await readFile(coffee))
  const { length } = bytes
  await nobg(bytes, { model }).toBuffer()
  expect(bytes).toHaveLength(length)
})

test('starts no work before a method is called', async () => {
  const stages: string[] = []
  const cutout = nobg(coffee, { model, onProgress: ({ stage }) => stages.push(stage) })
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(stages).toEqual([])
  await cutout.toBuffer()
  expect(stages).toContain('queue')
})
