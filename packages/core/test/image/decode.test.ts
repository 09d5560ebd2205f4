import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, describe, expect, it, test } from 'vitest'
import { decodeImage } from '../../src/image/decode.ts'
import { prepareSvg } from '../../src/image/svg.ts'
import { measureDistance } from './distance.ts'
import { grayGamma18, proPhoto } from './icc-profile.ts'
import { damageProfile, drawBomb, insertAfterHeader, nestEntities } from './odd-files.ts'
import { colors, drawSwatches, openSwatches, readSwatches } from './swatches.ts'

const dir = mkdtempSync(join(tmpdir(), 'nobg-decode-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function writeTemporary(name: string, bytes: Buffer): string {
  const path = join(dir, name)
  writeFileSync(path, bytes)
  return path
}
const proPhotoFile = writeTemporary('prophoto.icc', proPhoto)
const grayFile = writeTemporary('gray.icc', grayGamma18)

describe('colors become sRGB', () => {
  // The tolerance is in levels, for every channel of every swatch.
  const encodings: [name: string, bytes: () => Promise<Buffer>, tolerance: number][] = [
    ['8-bit PNG', () => openSwatches().png().toBuffer(), 0],
    ['palette PNG', () => openSwatches().png({ palette: true }).toBuffer(), 0],
    ['8-bit PNG in Display P3', () => openSwatches().withIccProfile('p3').png().toBuffer(), 1],
    ['8-bit PNG in ProPhoto', () => openSwatches().withIccProfile(proPhotoFile).png().toBuffer(), 2],
    ['16-bit PNG', () => openSwatches().toColourspace('rgb16').png().toBuffer(), 0],
    [
      '16-bit PNG in sRGB',
      () => openSwatches().toColourspace('rgb16').withIccProfile('srgb').png().toBuffer(),
      1,
    ],
    [
      '16-bit PNG in Display P3',
      () => openSwatches().toColourspace('rgb16').withIccProfile('p3').png().toBuffer(),
      1,
    ],
    [
      '16-bit PNG in ProPhoto',
      () => openSwatches().toColourspace('rgb16').withIccProfile(proPhotoFile).png().toBuffer(),
      2,
    ],
    [
      '16-bit TIFF in Display P3',
      () =>
        openSwatches().toColourspace('rgb16').withIccProfile('p3').tiff({ compression: 'lzw' }).toBuffer(),
      1,
    ],
    ['CIELAB TIFF', () => openSwatches().toColourspace('lab').tiff({ compression: 'lzw' }).toBuffer(), 1],
    [
      'linear float TIFF',
      () => openSwatches().toColourspace('scrgb').tiff({ compression: 'lzw' }).toBuffer(),
      1,
    ],
    ['WebP in Display P3', () => openSwatches().withIccProfile('p3').webp({ lossless: true }).toBuffer(), 1],
    ['AVIF', () => openSwatches().avif({ quality: 95 }).toBuffer(), 3],
    ['AVIF in Display P3', () => openSwatches().withIccProfile('p3').avif({ quality: 95 }).toBuffer(), 3],
    // The gamut of the ink is smaller, and the perceptual intent moves even what lies inside.
    ['CMYK TIFF', () => openSwatches().withIccProfile('cmyk').tiff({ compression: 'lzw' }).toBuffer(), 70],
    [
      'CMYK JPEG without a profile',
      () => openSwatches().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
      65,
    ],
  ]
  test.each(encodings)('%s', async (_, encode, tolerance) => {
    const raster = await decodeImage(await encode())
    expect(raster).toMatchObject({ width: 80, height: 16, channels: 4 })
    expect(raster.data).toHaveLength(80 * 16 * 4)
    expect(raster.data.every((level, i) => i % 4 !== 3 || level === 255)).toBe(true)
    expect(measureDistance(readSwatches(raster).flat(), colors.flat()).max).toBeLessThanOrEqual(tolerance)
  })

  test('converts gray to RGB, with and without a profile', async () => {
    const grays = [110, 157, 78, 128, 127].flatMap(gray => [gray, gray, gray])
    const gray = () => openSwatches().greyscale().toColourspace('b-w')
    for (const bytes of [
      await gray().png().toBuffer(),
      await gray().withIccProfile(grayFile).png().toBuffer(),
    ]) {
      expect(measureDistance(readSwatches(await decodeImage(bytes)).flat(), grays).max).toBeLessThanOrEqual(1)
    }
  })

  test('ignores an unreadable profile', async () => {
    const bytes = damageProfile(await openSwatches().withIccProfile('srgb').jpeg({ quality: 100 }).toBuffer())
    expect(
      measureDistance(readSwatches(await decodeImage(bytes)).flat(), colors.flat()).max,
    ).toBeLessThanOrEqual(3)
  })
})

describe('alpha', () => {
  test.each(['png', 'webp', 'gif', 'tiff'] as const)('%s: four channels, straight', async format => {
    const data = new Uint8Array(32 * 32 * 4)
    for (let i = 0; i < 32 * 32; i++) data.set(i % 2 ? [200, 100, 50, 255] : [0, 0, 0, 0], i * 4)
    const bytes = await sharp(data, { raw: { width: 32, height: 32, channels: 4 } })
      .toFormat(format, { lossless: true, compression: 'lzw' })
      .toBuffer()
    const raster = await decodeImage(bytes)
    expect(raster.channels).toBe(4)
    expect(measureDistance(raster.data, data).max).toBeLessThanOrEqual(4)
  })

  test('16-bit gray with alpha', async () => {
    const gray = openSwatches().greyscale().ensureAlpha(0.5).toColourspace('grey16')
    const raster = await decodeImage(await gray.png().toBuffer())
    expect(raster.channels).toBe(4)
    expect([...raster.data.subarray(0, 4)]).toEqual([110, 110, 110, 127])
  })

  test('drops channels after alpha', async () => {
    const { width, height } = drawSwatches()
    const spot = Buffer.alloc(width * height, 9)
    const bytes = await openSwatches()
      .ensureAlpha(0.5)
      .joinChannel(spot, { raw: { width, height, channels: 1 } })
      .tiff({ compression: 'lzw' })
      .toBuffer()
    const raster = await decodeImage(bytes)
    expect(raster.channels).toBe(4)
    expect(raster.data).toHaveLength(width * height * 4)
    expect(measureDistance(readSwatches(raster).flat(), colors.flat()).max).toBe(0)
  })
})

/** For each EXIF orientation: where in the upright picture (W × H px) the stored pixel in column c of row r belongs. */
const orientations: Record<number, (c: number, r: number, W: number, H: number) => [x: number, y: number]> = {
  1: (c, r) => [c, r],
  2: (c, r, W) => [W - 1 - c, r],
  3: (c, r, W, H) => [W - 1 - c, H - 1 - r],
  4: (c, r, _, H) => [c, H - 1 - r],
  5: (c, r) => [r, c],
  6: (c, r, W) => [W - 1 - r, c],
  7: (c, r, W, H) => [W - 1 - r, H - 1 - c],
  8: (c, r, _, H) => [r, H - 1 - c],
}

test.each(Object.entries(orientations))('EXIF orientation %s is applied', async (orientation, place) => {
  const [W, H] = [24, 16]
  const upright = Uint8Array.from({ length: W * H * 3 }, (_, i) => (i * 37) % 251)
  const [width, height] = Number(orientation) < 5 ? [W, H] : [H, W]
  const stored = new Uint8Array(W * H * 3)
  for (let i = 0; i < W * H; i++) {
    const [x, y] = place(i % width, Math.floor(i / width), W, H)
    stored.set(upright.subarray((y * W + x) * 3, (y * W + x) * 3 + 3), i * 3)
  }
  const image = sharp(stored, { raw: { width, height, channels: 3 } })
  const bytes = await image
    .withMetadata({ orientation: Number(orientation) })
    .png()
    .toBuffer()
  const { data, ...shape } = await decodeImage(bytes)
  expect(shape).toEqual({ width: W, height: H, channels: 4 })
  expect(data.filter((_, i) => i % 4 !== 3)).toEqual(upright)
})

test.each(['gif', 'webp'] as const)('decodes the first frame of an animated %s', async format => {
  const frames = ['#ff0000', '#0000ff'].map(background => ({
    create: { width: 20, height: 10, channels: 3 as const, background },
  }))
  const pictures = await Promise.all(frames.map(frame => sharp(frame).png().toBuffer()))
  const bytes = await sharp(pictures, { join: { animated: true } })
    .toFormat(format)
    .toBuffer()
  const raster = await decodeImage(bytes)
  expect(raster).toMatchObject({ width: 20, height: 10 })
  expect(measureDistance(raster.data.subarray(0, 3), [255, 0, 0]).max).toBeLessThanOrEqual(6)
})

describe('SVG', () => {
  const draw = (body: string, attributes = 'width="50" height="40"') =>
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${body}</svg>`,
    )

  test.each([
    ['width="50" height="40"', 50, 40],
    ['viewBox="0 0 120 80"', 120, 80],
    ['width="1in" height="0.5in"', 96, 48],
    ['width="100mm" height="5cm"', 378, 189],
    ['width="72pt" height="6pc"', 96, 96],
    ['width="101.6Q" height="2em"', 96, 32],
    ['width="100mm" viewBox="0 0 200 100"', 378, 189],
    ['width="100%" height="100%" viewBox="0 0 120 80"', 120, 80],
    ['style="width: 100mm; height: 50px"', 378, 50],
    ["height='10mm' width='20'", 20, 38],
  ])('%s has its own size', async (attributes, width, height) => {
    expect(await decodeImage(draw('', attributes))).toMatchObject({ width, height, channels: 4 })
  })

  test('draws inner lengths at 96 pixels per inch, and pixels unchanged', async () => {
    const body = '<rect width="1in" height="10" fill="red"/>'
    for (const attributes of [
      'width="200" height="40"',
      'viewBox="0 0 200 40"',
      'width="200px" height="30pt"',
    ])
      expect(await countRed(draw(body, attributes))).toBe(960)
  })

  test('reads an endless size or prolog in linear time', async () => {
    const measure = async (length: number) => {
      const started = performance.now()
      for (const part of [' ', '1', '"', '<!--', '<!DOCTYPE [ ]', 'width="1'])
        prepareSvg(Buffer.from(`<svg ${part.repeat(length)}`))
      for (const part of [' ', '1', '<!-- -->', '<?x ?>', '<!DOCTYPE x [ ]'])
        prepareSvg(
          Buffer.from(`${part.trim() === '1' ? '<svg width="' : '<!-- -->'}${part.repeat(length)}mm" >`),
        )
      return performance.now() - started
    }
    await measure(1000)
    const [short, long] = [await measure(10_000), await measure(160_000)]
    // Sixteen times the length: 16 if linear, 256 if quadratic.
    expect(long / Math.max(short, 1)).toBeLessThan(100)
  })

  test.each<[encoding: string, encode: (text: string) => Buffer]>([
    ['UTF-8 with a byte order mark', text => Buffer.from(`\ufeff${text}`)],
    ['UTF-16LE', text => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16BE', text => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['UTF-16LE without a byte order mark', text => Buffer.from(text, 'utf16le')],
    ['ISO-8859-1', text => Buffer.from(text.replace('UTF-16', 'ISO-8859-1'), 'latin1')],
    ['gzip', text => gzipSync(text.replace('UTF-16', 'UTF-8'))],
  ])('decodes an SVG in %s', async (name, encode) => {
    const declared = name.includes('UTF-8') ? '' : '<?xml version="1.0" encoding="UTF-16"?>'
    const text = `${declared}<!-- é > -->${draw('<rect id="é" width="5" height="5" fill="red"/>', 'width="1in" height="20"')}`
    expect(await decodeImage(encode(text))).toMatchObject({ width: 96, height: 20 })
    expect(await countRed(encode(text))).toBe(25)
  })

  test('reads nothing outside of the file', async () => {
    const red = await sharp({ create: { width: 50, height: 40, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    const path = writeTemporary('secret.png', red)
    writeTemporary('secret.css', Buffer.from('rect{fill:red}'))
    let requests = 0
    const server = createServer((_, response) => {
      requests++
      response.end(red)
    })
    await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const image = (href: string) => `<image href="${href}" width="50" height="40"/>`
    // For comparison: a picture inside the file itself is drawn.
    expect(await countRed(draw(image(`data:image/png;base64,${red.toString('base64')}`)))).toBe(2000)
    const cwd = process.cwd()
    try {
      process.chdir(dir)
      for (const href of [path, `file://${path}`, 'secret.png', './secret.png', `${origin}/secret.png`]) {
        expect({ href, red: await countRed(draw(image(href))) }).toEqual({ href, red: 0 })
      }
      for (const body of [
        `<image xlink:href="file://${path}" width="50" height="40"/>`,
        `<filter id="f"><feImage href="file://${path}"/></filter><rect width="50" height="40" filter="url(#f)"/>`,
        `<style>@import url("file://${dir}/secret.css");</style><rect width="50" height="40" fill="none"/>`,
        `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="secret.svg"/>`,
      ]) {
        expect({ body, red: await countRed(draw(body)) }).toEqual({ body, red: 0 })
      }
    } finally {
      process.chdir(cwd)
      server.close()
    }
    expect(requests).toBe(0)
  })

  test('neither loads entities from files nor expands them endlessly', async () => {
    const external = `<!DOCTYPE svg [<!ENTITY x SYSTEM "file://${proPhotoFile}">]>${draw('<text>&x;</text>')}`
    await expect(decodeImage(Buffer.from(`<?xml version="1.0"?>${external}`))).rejects.toMatchObject({
      code: 'CORRUPT_IMAGE',
    })
    await expect(decodeImage(nestEntities())).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
  })

  async function countRed(svg: Buffer): Promise<number> {
    const { data } = await decodeImage(svg)
    let count = 0
    for (let i = 0; i < data.length; i += 4) if (data[i] > 100 && data[i + 3] > 0) count++
    return count
  }
})

describe('faults', () => {
  const half = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2))
  const noise = () =>
    sharp({
      create: {
        width: 300,
        height: 200,
        channels: 3,
        background: 'grey',
        noise: { type: 'gaussian', mean: 128, sigma: 30 },
      },
    })

  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
    'half a %s is CORRUPT_IMAGE',
    async format => {
      const bytes = half(await noise().toFormat(format).toBuffer())
      await expect(decodeImage(bytes)).rejects.toMatchObject({
        code: 'CORRUPT_IMAGE',
        // One line, although libvips reports several.
        message: expect.stringMatching(/^[^\n]*$/),
        hint: expect.any(String),
      })
    },
  )

  test('decodes an image despite a warning of the decoder', async () => {
    const jpeg = await noise().jpeg().toBuffer()
    const png = await noise().png().toBuffer()
    const oddities = {
      'stray bytes between JPEG segments': insertAfterHeader(jpeg, 2, Buffer.from([0, 1, 2, 3])),
      'bytes after the end of a JPEG': Buffer.concat([jpeg, Buffer.alloc(500, 7)]),
      'bytes after the end of a PNG': Buffer.concat([png, Buffer.alloc(500, 7)]),
      'a PNG without its last chunk': png.subarray(0, -12),
    }
    for (const [name, bytes] of Object.entries(oddities)) {
      expect({ name, ...(await decodeImage(bytes)) }).toMatchObject({ name, width: 300, height: 200 })
    }
  })

  test.each([
    ['text', Buffer.from('hello'), 'Expected an image, got text.'],
    ['a web page', Buffer.from('<!doctype html><title>x</title>'), 'Expected an image, got a web page.'],
    ['zeros', new Uint8Array(2000), 'Expected an image, got bytes of an unknown format.'],
    ['PDF', Buffer.from('%PDF-1.7\n'), 'Expected an image, got PDF.'],
    [
      'BMP',
      Buffer.from(`BM${'\0'.repeat(80)}`),
      'Expected an image that this build of sharp decodes, got BMP.',
    ],
    ['Git LFS', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), /Git LFS pointer/],
    [
      'a merge conflict of Git LFS pointers',
      Buffer.from('version https://git-lfs.github.com/spec/v1\n<<<<<<< HEAD\noid sha256:00\n'),
      /marks of a merge conflict/,
    ],
    ['a merge conflict', Buffer.from('<<<<<<< HEAD\nabc\n=======\n'), /marks of a merge conflict/],
    ['an XML file', Buffer.from('<?xml version="1.0"?><a/>'), 'Expected an image, got text.'],
  ])('%s is UNSUPPORTED_FORMAT', async (_, bytes, message) => {
    await expect(decodeImage(bytes)).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      hint: expect.any(String),
    })
    await expect(decodeImage(bytes)).rejects.toThrow(message)
  })

  it('refuses empty input', async () => {
    await expect(decodeImage(new Uint8Array())).rejects.toMatchObject({ code: 'INVALID_SOURCE' })
  })

  test('a PNG of 65536 × 65536 is refused by its header', async () => {
    await expect(decodeImage(drawBomb(65536, 65536))).rejects.toMatchObject({
      code: 'TOO_MANY_PIXELS',
      message: 'Expected at most 100 megapixels, got 65536 × 65536 px (4294.97 megapixels).',
    })
  })

  test.each([
    [100_000_000, 1],
    [1, 65_536],
  ])('a PNG of %d × %d is refused by its header: its sides are too long', async (width, height) => {
    const refusal = { code: 'TOO_MANY_PIXELS', message: expect.stringContaining('at most 65535 px') }
    await expect(decodeImage(drawBomb(width, height))).rejects.toMatchObject(refusal)
    await expect(decodeImage(drawBomb(width, height), { maxPixels: 1e9 })).rejects.toMatchObject(refusal)
  })

  test('a TIFF with many channels is refused by its header', async () => {
    const gray = { raw: { width: 100, height: 100, channels: 1 } } as const
    const withChannels = (count: number) =>
      sharp({ create: { width: 100, height: 100, channels: 3, background: 'red' } })
        .joinChannel(Array(count - 3).fill(Buffer.alloc(10_000)), gray)
        // JPEG, the default, has three channels.
        .tiff({ compression: 'none' })
        .toBuffer()
    const limits = { maxPixels: 10_000 }
    expect(await decodeImage(await withChannels(16), limits)).toMatchObject({ width: 100, channels: 4 })
    await expect(decodeImage(await withChannels(17), limits)).rejects.toMatchObject({
      code: 'TOO_MANY_PIXELS',
      message: expect.stringContaining('100 × 100 px with 17 channels'),
    })
  })

  test('accepts exactly maxPixels', async () => {
    const bytes = await noise().png().toBuffer()
    expect(await decodeImage(bytes, { maxPixels: 60_000 })).toMatchObject({ width: 300 })
    expect(await decodeImage(bytes, { maxPixels: Number.POSITIVE_INFINITY })).toMatchObject({ width: 300 })
    await expect(decodeImage(bytes, { maxPixels: 59_999 })).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>')
    await expect(decodeImage(svg)).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
  })
})
