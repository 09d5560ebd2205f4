import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRemover, type Remover } from '../src/index.ts'

const coffee = join(import.meta.dirname, '../../../examples/vite/src/photos/coffee.png')
const model = 'u2netp'

let dir: string
let remover: Remover

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-compose-'))
  remover = createRemover({ cacheDir: dir, modelsDir: join(dir, 'models') })
})

afterEach(async () => {
  await remover.close()
  await rm(dir, { recursive: true, force: true })
})

async function decodeCoffee() {
  const { data, info } = await sharp(coffee).raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: 3 } as const
}

const listCache = async (namespace: string) =>
  (await readdir(dir, { recursive: true })).filter(name => name.includes(namespace) && name.endsWith('.png'))

describe('composeCutout', () => {
  test("returns the pixels of removeBackground's PNG, and caches only the matte", async () => {
    const { raster, mask, cached } = await remover.composeCutout(coffee, { model })
    expect(raster).toMatchObject({ width: 600, height: 400, channels: 4 })
    expect(mask).toBeUndefined()
    expect(cached).toBe(false)
    expect(await listCache('cutouts')).toEqual([])
    expect(await listCache('mattes')).toHaveLength(1)
    const { data, timings } = await remover.removeBackground(coffee, { model })
    expect(timings.inference).toBeUndefined()
    expect(Buffer.compare(await sharp(data).raw().toBuffer(), raster.data)).toBe(0)
  })

  test('reads the matte from the cache', async () => {
    await remover.removeBackground(coffee, { model })
    const { cached, timings } = await remover.composeCutout(coffee, { model })
    expect(cached).toBe(true)
    expect(timings).not.toHaveProperty('encode')
  })

  test('returns the alpha channel with outputMask, cropped like the cutout', async () => {
    const { raster, mask } = await remover.composeCutout(coffee, { model, outputMask: true, crop: true })
    expect(raster.width).toBeLessThan(600)
    expect(mask).toMatchObject({ width: raster.width, height: raster.height })
    expect(mask?.data.every((alpha, i) => alpha === raster.data[4 * i + 3])).toBe(true)
  })

  test('aborts while it runs', async () => {
    const run = remover.composeCutout(coffee, { model, signal: AbortSignal.timeout(50) })
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

describe('decoded pixels', () => {
  test('give the same cutout as their file, and are not detached', async () => {
    const input = await decodeCoffee()
    const before = Buffer.from(input.data)
    const { raster } = await remover.composeCutout(input, { model })
    const fromFile = await remover.composeCutout(coffee, { model })
    expect(Buffer.compare(raster.data, fromFile.raster.data)).toBe(0)
    expect(Buffer.compare(before, input.data)).toBe(0)
    expect((await remover.composeCutout(input, { model })).cached).toBe(true)
  })

  test('can be written to a file', async () => {
    const { data, width } = await remover.removeBackground(await decodeCoffee(), { model })
    expect(width).toBe(600)
    expect(await sharp(data).metadata()).toMatchObject({ format: 'png', channels: 4 })
  })

  test('are limited by maxPixels', async () => {
    await using small = createRemover({ cacheDir: dir, maxPixels: 1000 })
    await expect(small.composeCutout(await decodeCoffee(), { model })).rejects.toMatchObject({
      code: 'TOO_MANY_PIXELS',
    })
  })
})
