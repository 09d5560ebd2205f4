import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import type { CutoutInput } from '../src/index.ts'
import { coffee, measureDistance, openEngine, readRaw } from './open-engine.ts'

const { dir, matte, nobg } = await openEngine()
const model = 'u2netp'

/** White on its left half. */
const half = (): Sharp =>
  sharp(
    Uint8Array.from({ length: 300 * 200 }, (_, i) => (i % 300 < 150 ? 255 : 0)),
    { raw: { width: 300, height: 200, channels: 1 } },
  ).toColourspace('b-w')

const file = join(dir, 'half.png')
await half().png().toFile(file)

/** Alpha of a cutout of the coffee near its left and its right side. */
async function alphaOfHalves(image: Sharp): Promise<number[]> {
  const { data, width } = await readRaw(image.extractChannel('alpha'))
  return [data[200 * width + 20], data[200 * width + width - 20]]
}

describe('a matte of the user', () => {
  test.each<[string, () => Promise<CutoutInput>]>([
    ['a path', async () => file],
    ['a Buffer', () => half().png().toBuffer()],
    ['a sharp instance', async () => half()],
    ['a sharp instance after operations', async () => half().negate().flop()],
  ])('may be %s', async (_, make) => {
    expect(await alphaOfHalves(nobg(coffee, { matte: await make() }))).toEqual([255, 0])
  })

  test('applies to an input that is a sharp instance', async () => {
    const image = nobg(sharp(coffee).resize(240), { matte: file })
    expect(await alphaOfHalves(image.clone().resize(600))).toEqual([255, 0])
  })

  test('may be the mask of another call', async () => {
    const mask = matte(coffee, { model }).negate()
    const cutout = nobg(coffee, { matte: mask, matteUpsampling: 'bilinear' }).extractChannel('alpha')
    expect(await measureDistance(cutout, mask)).toBeLessThanOrEqual(1)
  })

  test('is the mask that `matte` returns', async () => {
    const { data, width } = await readRaw(matte(coffee, { matte: file }))
    expect([data[20], data[width - 20]]).toEqual([255, 0])
  })

  test('beside the photograph is used, and `false` ignores it', async () => {
    const photo = join(dir, 'cup.png')
    await writeFile(photo, await sharp(coffee).png().toBuffer())
    await half().png().toFile(join(dir, 'cup.matte.png'))
    expect(await alphaOfHalves(nobg(photo))).toEqual([255, 0])
    expect(await alphaOfHalves(nobg(photo, { model, matte: false }))).not.toEqual([255, 0])
  })

  test('of another shape is an error', async () => {
    const matte = half().resize(200, 200, { fit: 'fill' })
    await expect(nobg(coffee, { matte }).toBuffer()).rejects.toMatchObject({ code: 'INVALID_MATTE' })
  })

  test('that sharp cannot read is an error', async () => {
    const matte = sharp(Buffer.from('no image'))
    await expect(nobg(coffee, { matte }).toBuffer()).rejects.toMatchObject({ code: 'INVALID_MATTE' })
  })

  test('that is a stream is an error at once', () => {
    const stream = new ReadableStream<Uint8Array>()
    expect(() => nobg(coffee, { matte: stream })).toThrow(/got a stream/)
  })
})
