import sharp from 'sharp'
import { expect, test } from 'vitest'
import { coffee, measureDistance, openEngine, readRaw } from './open-engine.ts'

const { matte, nobg } = await openEngine()
const model = 'u2netp'

test('is one grayscale channel of the size of the picture', async () => {
  const mask = matte(coffee, { model })
  expect(mask).toBeInstanceOf(sharp)
  expect(await mask.metadata()).toMatchObject({ width: 600, height: 400, channels: 1, space: 'b-w' })
  expect(await readRaw(mask.clone().resize(300))).toMatchObject({ width: 300, height: 200, channels: 1 })
})

test('equals the alpha of the cutout, with crop and threshold', async () => {
  const options = { model, crop: 10, threshold: 0.5 } as const
  const alpha = nobg(coffee, options).extractChannel('alpha')
  expect(await measureDistance(matte(coffee, options), alpha)).toBe(0)
})

test('joined to the photograph equals the cutout without refined foreground', async () => {
  const joined = sharp(coffee).joinChannel(await matte(coffee, { model }).toBuffer())
  const [a, b] = await Promise.all([
    readRaw(joined),
    readRaw(nobg(coffee, { model, refineForeground: false })),
  ])
  expect(a).toMatchObject({ width: 600, height: 400, channels: 4 })
  // The cutout has no color in transparent pixels.
  const visible = (data: Buffer) => data.map((value, i) => (data[i | 3] === 0 ? 0 : value))
  expect(Buffer.compare(visible(a.data), b.data)).toBe(0)
})

test('takes a stream and a sharp instance', async () => {
  const piped = matte({ model })
  sharp(coffee).png().pipe(piped)
  expect(await measureDistance(piped, matte(sharp(coffee), { model }))).toBe(0)
})
