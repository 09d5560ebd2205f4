import sharp, { type Create, type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { awaitInput, readPixels } from '../src/input.ts'

const size = { width: 8, height: 6 }
const color = (background: Create['background'], channels: 3 | 4 = 3) =>
  sharp({ create: { ...size, channels, background } })
const encode = (image: Sharp) => image.png().toBuffer()

const orange = await encode(color({ r: 200, g: 100, b: 50 }))
const blue = await encode(color({ r: 20, g: 40, b: 220 }))
const half = await encode(color({ r: 200, g: 100, b: 50, alpha: 0.5 }, 4))
const wide = await encode(sharp(orange).toColourspace('rgb16').withIccProfile('p3'))
const deep = await encode(sharp(orange).toColourspace('rgb16'))
const plane = await encode(color({ r: 80, g: 80, b: 80 }).toColourspace('b-w'))
const plane16 = await encode(color({ r: 80, g: 80, b: 80 }).toColourspace('grey16'))
const printed = await sharp(orange).toColourspace('cmyk').withIccProfile('cmyk').tiff().toBuffer()
const turned = await sharp(orange).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer()
const animation = await sharp([orange, blue], { join: { animated: true } })
  .webp()
  .toBuffer()
const document = await sharp([orange, blue], { join: { animated: true } })
  .tiff()
  .toBuffer()

type Pixel = [red: number, green: number, blue: number, alpha: number]

const solid: Pixel = [200, 100, 50, 255]
const faint: Pixel = [200, 100, 50, 128]
/** Orange's luminance, (0.2126, 0.7152, 0.0722) · linear (0.578, 0.127, 0.032) = 0.216, encoded as sRGB. */
const gray: Pixel = [128, 128, 128, 255]

const chains: [name: string, open: () => Sharp, right: Pixel][] = [
  ['no operation', () => sharp(orange), solid],
  ['grayscale', () => sharp(orange).greyscale(), gray],
  ['grayscale with alpha', () => sharp(half).greyscale(), [128, 128, 128, 128]],
  ['grayscale, negated', () => sharp(half).greyscale().negate({ alpha: false }), [127, 127, 127, 128]],
  ['toColourspace b-w', () => sharp(orange).toColourspace('b-w'), gray],
  ['toColourspace b-w with alpha', () => sharp(half).toColourspace('b-w'), [128, 128, 128, 128]],
  ['b-w of a created picture', () => color({ r: 200, g: 100, b: 50 }).toColourspace('b-w'), gray],
  ['toColourspace grey16', () => sharp(orange).toColourspace('grey16'), gray],
  ['toColourspace srgb', () => sharp(orange).toColourspace('srgb'), solid],
  ['toColourspace rgb16', () => sharp(orange).toColourspace('rgb16'), solid],
  ['toColourspace scrgb', () => sharp(orange).toColourspace('scrgb'), solid],
  ['toColourspace lab', () => sharp(orange).toColourspace('lab'), solid],
  ['toColourspace cmyk', () => sharp(orange).toColourspace('cmyk'), [198, 101, 49, 255]],
  ['pipelineColourspace lab', () => sharp(orange).pipelineColourspace('lab'), solid],
  ['pipelineColourspace rgb16', () => sharp(orange).pipelineColourspace('rgb16'), solid],
  ['pipelineColourspace scrgb', () => sharp(orange).pipelineColourspace('scrgb').resize(4), solid],
  ['16 bits', () => sharp(deep), solid],
  ['16 bits, ending in lab', () => sharp(deep).toColourspace('lab'), solid],
  ['16 bits in Display P3', () => sharp(wide), solid],
  ['16 bits in Display P3, ending in lab', () => sharp(wide).toColourspace('lab'), solid],
  ['16 bits in Display P3, kept', () => sharp(wide).keepIccProfile(), solid],
  ['16 bits in Display P3, grayscale', () => sharp(wide).toColourspace('b-w'), gray],
  // Less blue is not in the inks of the profile.
  ['CMYK', () => sharp(printed), [195, 94, 24, 255]],
  ['16-bit gray', () => sharp(plane16), [80, 80, 80, 255]],
  ['another profile', () => sharp(orange).withIccProfile('p3'), solid],
  ['withMetadata', () => sharp(orange).withMetadata(), solid],
  ['keepMetadata', () => sharp(wide).keepMetadata(), solid],
  ['raw', () => sharp(orange).raw({ depth: 'float' }), solid],
  ['tile', () => sharp(orange).tile({ size: 4 }), solid],
  ['jpeg options', () => sharp(orange).jpeg({ quality: 1 }), solid],
  ['png options', () => sharp(orange).png({ colours: 2, progressive: true }), solid],
  ['tiff options', () => sharp(orange).tiff({ bitdepth: 1 }), solid],
  ['toFormat', () => sharp(orange).toFormat('gif', { colours: 2 }), solid],
  ['ensureAlpha', () => sharp(orange).ensureAlpha(0.5), faint],
  ['removeAlpha', () => sharp(half).removeAlpha(), solid],
  ['flatten', () => sharp(half).flatten({ background: 'white' }), [228, 178, 153, 255]],
  ['unflatten', () => color('white').unflatten(), [255, 255, 255, 0]],
  ['extractChannel', () => sharp(orange).extractChannel('green'), [100, 100, 100, 255]],
  ['extractChannel alpha', () => sharp(half).extractChannel('alpha'), [128, 128, 128, 255]],
  // L* = 116 · 0.216 ^ ⅓ - 16.
  ['extractChannel of lab', () => sharp(orange).toColourspace('lab').extractChannel(0), [54, 54, 54, 255]],
  ['joinChannel', () => sharp(orange).joinChannel(plane), [200, 100, 50, 80]],
  [
    'joinChannel, then extractChannel',
    () => sharp(orange).joinChannel(plane).extractChannel(3),
    [80, 80, 80, 255],
  ],
  ['bandbool', () => sharp(orange).bandbool('and'), [200 & 100 & 50, 200 & 100 & 50, 200 & 100 & 50, 255]],
  ['boolean', () => sharp(orange).boolean(blue, 'or'), [200 | 20, 100 | 40, 50 | 220, 255]],
  ['composite', () => sharp(blue).composite([{ input: half }]), [110, 70, 135, 255]],
  ['composite onto gray', () => sharp(plane).composite([{ input: half }]), [140, 90, 65, 255]],
  ['linear', () => sharp(orange).linear(0.5, 20), [120, 70, 45, 255]],
  [
    'recomb',
    () =>
      sharp(orange).recomb([
        [0, 1, 0],
        [0, 0, 1],
        [1, 0, 0],
      ]),
    [100, 50, 200, 255],
  ],
  ['negate', () => sharp(orange).negate(), [55, 155, 205, 255]],
  ['threshold', () => sharp(orange).threshold(100), [255, 255, 255, 255]],
  ['a clone', () => sharp(orange).negate().clone(), [55, 155, 205, 255]],
  ['timeout', () => sharp(orange).timeout({ seconds: 60 }), solid],
  ['failOn and limitInputPixels', () => sharp(orange, { failOn: 'none', limitInputPixels: 48 }), solid],
  ['a page', () => sharp(document, { page: 1 }), [20, 40, 220, 255]],
  ['a frame', () => sharp(animation, { page: 1, pages: 1 }), [20, 40, 220, 255]],
  ['all pages of one', () => sharp(orange, { pages: -1 }), solid],
  ['animated of one frame', () => sharp(orange, { animated: true }), solid],
  [
    'raw pixels of one channel',
    () => sharp(Buffer.alloc(48, 80), { raw: { ...size, channels: 1 } }),
    [80, 80, 80, 255],
  ],
  [
    'raw pixels of two channels',
    () => sharp(Buffer.alloc(96, 80), { raw: { ...size, channels: 2 } }),
    [80, 80, 80, 80],
  ],
]

async function read(image: Sharp) {
  return readPixels(image, await awaitInput(image))
}

/** One pixel as red, green, blue and alpha. */
function pickPixel({ data, width, channels }: Awaited<ReturnType<typeof read>>, x = 0, y = 0): number[] {
  const at = (y * width + x) * channels
  const values = [...data.subarray(at, at + channels)]
  const [red, green, blue] = channels < 3 ? [values[0], values[0], values[0]] : values
  return [red, green, blue, channels % 2 ? 255 : values[channels - 1]]
}

describe('the pixels of a sharp instance are what it writes', () => {
  test.each(chains)('after %s', async (_, open, right) => {
    const pixel = pickPixel(await read(open()))
    // CMYK and Lab are rounded on their way.
    const distance = Math.max(...pixel.map((value, i) => Math.abs(value - right[i])))
    expect(distance, `expected ${right}, got ${pixel}`).toBeLessThanOrEqual(2)
  })

  test('after a join of several files', async () => {
    const pixels = await read(sharp([orange, blue], { join: { across: 2, shim: 2 } }))
    expect(pixels).toMatchObject({ width: 18, height: 6 })
    expect(pickPixel(pixels, 0)).toEqual(solid)
    expect(pickPixel(pixels, 17)).toEqual([20, 40, 220, 255])
  })

  test('of text', async () => {
    const text = '<span foreground="red">nobg</span>'
    const pixels = await read(sharp({ text: { text, rgba: true, dpi: 300 } }))
    const reds = Array.from({ length: pixels.width * pixels.height }, (_, i) =>
      pickPixel(pixels, i % pixels.width, Math.floor(i / pixels.width)),
    )
    expect(reds).toContainEqual([255, 0, 0, 255])
    expect(reds).toContainEqual([0, 0, 0, 0])
  })

  test.each([
    ['as they lie', (image: Sharp) => image, { width: 8, height: 6 }],
    ['turned', (image: Sharp) => image.autoOrient(), { width: 6, height: 8 }],
    ['with the orientation noted', (image: Sharp) => image.keepMetadata(), { width: 8, height: 6 }],
  ])('with an EXIF orientation: %s', async (_, operate, shape) => {
    expect(await read(operate(sharp(turned)))).toMatchObject(shape)
  })
})

test.each([
  ['an animation', () => sharp(animation, { animated: true })],
  ['a document', () => sharp(document, { pages: -1 }).resize(4)],
  ['a joined animation', () => sharp([orange, blue], { join: { animated: true } })],
])('%s of two pages is refused', async (_, open) => {
  await expect(read(open())).rejects.toMatchObject({
    code: 'INVALID_SOURCE',
    message: expect.stringContaining('2 frames or pages'),
    hint: expect.stringContaining('page: 0'),
  })
})
