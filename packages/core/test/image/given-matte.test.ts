import sharp, { type Sharp } from 'sharp'
import { expect, test } from 'vitest'
import { decodeGivenMatte } from '../../src/image/given-matte.ts'

const width = 60
const height = 40
const levels = Uint8Array.from({ length: width * height }, (_, i) => (i * 7) % 256)
const gray = () => sharp(levels, { raw: { width, height, channels: 1 } }).toColourspace('b-w')
const settings = { picture: { width: 600, height: 400 }, allowSquare: false }

/** White where the matte is opaque: a cutout as other tools write it. */
function cutout(): Sharp {
  const rgba = new Uint8Array(levels.length * 4).fill(200)
  for (let i = 0; i < levels.length; i++) rgba[i * 4 + 3] = levels[i]
  return sharp(rgba, { raw: { width, height, channels: 4 } })
}

test.each<[string, Sharp, number]>([
  ['a gray PNG', gray().png(), 0],
  ['a gray PNG of 16 bits', gray().toColourspace('grey16').png(), 0],
  ['a gray PNG of RGB', gray().toColourspace('srgb').png(), 0],
  ['an RGB PNG of 16 bits', gray().toColourspace('rgb16').png(), 0],
  ['a palette', gray().png({ palette: true }), 0],
  ['a lossless WebP', gray().webp({ lossless: true }), 0],
  ['a TIFF', gray().tiff({ compression: 'deflate' }), 0],
  ['a GIF', gray().gif(), 1],
  ['a JPEG', gray().jpeg({ quality: 100 }), 2],
  ['a lossless AVIF', gray().avif({ lossless: true }), 0],
  ['the alpha of a PNG', cutout().png(), 0],
  ['the alpha of a PNG of 16 bits', cutout().toColourspace('rgb16').png(), 0],
  ['the alpha of a WebP', cutout().webp({ lossless: true, exact: true }), 0],
])('reads %s', async (_, image, tolerance) => {
  const matte = await decodeGivenMatte(await image.toBuffer(), settings)
  expect([matte.width, matte.height]).toEqual([width, height])
  const differences = matte.data.map((level, i) => Math.abs(level - levels[i]))
  expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance)
})

test('ignores the color profile: levels are alpha', async () => {
  const image = gray().toColourspace('srgb').withIccProfile('p3')
  const matte = await decodeGivenMatte(
    await sharp(await gray().png().toBuffer())
      .withMetadata()
      .png()
      .toBuffer(),
    settings,
  )
  expect(matte.data).toEqual(levels)
  await expect(decodeGivenMatte(await image.png().toBuffer(), settings)).resolves.toMatchObject({
    width,
    height,
  })
})

test('applies the EXIF orientation', async () => {
  const image = await gray().rotate(270).withMetadata({ orientation: 6 }).png().toBuffer()
  expect((await decodeGivenMatte(image, settings)).data).toEqual(levels)
})

const color = sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } })

test.each<[string, () => Promise<Uint8Array>, RegExp]>([
  [
    'another aspect ratio',
    () => gray().resize(60, 50, { fit: 'fill' }).png().toBuffer(),
    /60 × 50 px, another aspect ratio than that of the photograph \(600 × 400 px\)/,
  ],
  ['a square', () => gray().resize(64, 64, { fit: 'fill' }).png().toBuffer(), /64 × 64 px/],
  ['a color photograph', () => color.png().toBuffer(), /a color image without transparency/],
  [
    'a Git LFS pointer',
    async () => Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'),
    /a Git LFS pointer/,
  ],
  [
    'a merge conflict',
    async () => Buffer.from('<<<<<<< HEAD\nabc\n=======\ndef\n>>>>>>> b\n'),
    /merge conflict/,
  ],
  [
    'a merge conflict of two Git LFS pointers',
    async () =>
      Buffer.from(
        'version https://git-lfs.github.com/spec/v1\n<<<<<<< HEAD\noid sha256:00\n=======\noid sha256:01\n',
      ),
    /merge conflict/,
  ],
  [
    'a merge conflict in a file with a byte order mark and CRLF',
    async () => Buffer.from('\ufeff<<<<<<< HEAD\r\nabc\r\n=======\r\ndef\r\n'),
    /merge conflict/,
  ],
  [
    'a merge conflict in the middle of a picture',
    async () => {
      const png = await gray().png().toBuffer()
      return Buffer.concat([
        png.subarray(0, png.length >> 1),
        Buffer.from('\n<<<<<<< HEAD\n'),
        png.subarray(png.length >> 1),
      ])
    },
    /merge conflict/,
  ],
  ['a cut file', async () => (await gray().png().toBuffer()).subarray(0, 300), /cannot be decoded/],
  ['text', async () => Buffer.from('hello'), /cannot be decoded \(5 bytes/],
])('refuses %s', async (_, make, message) => {
  const attempt = decodeGivenMatte(new Uint8Array(await make()), settings)
  await expect(attempt).rejects.toMatchObject({
    code: 'INVALID_MATTE',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/\w/),
  })
})

test('accepts a square where the model stretches the photograph', async () => {
  const square = await gray().resize(64, 64, { fit: 'fill' }).png().toBuffer()
  await expect(decodeGivenMatte(square, { ...settings, allowSquare: true })).resolves.toMatchObject({
    width: 64,
  })
})

test.each([
  [59, 40],
  [60, 41],
  [1000, 667],
  [6, 4],
])('accepts %i × %i px, which differs by rounding', async (width, height) => {
  const image = await gray().resize(width, height, { fit: 'fill' }).png().toBuffer()
  await expect(decodeGivenMatte(image, settings)).resolves.toMatchObject({ width, height })
})
