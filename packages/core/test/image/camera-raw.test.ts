import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { isCameraRaw } from '../../src/image/camera-raw.ts'
import { decodeImage } from '../../src/image/decode.ts'
import { type DirectoryDraft, draftPixels, type TiffDraft, writeTiff } from './tiff-file.ts'

const pixels = (side: number) => new Uint8Array(side * side * 3).fill(99)

/** The first image of a raw file is a thumbnail, which a decoder would return. */
const drawThumbnail = (tags: DirectoryDraft['tags'] = {}): DirectoryDraft =>
  draftPixels(8, pixels(8), { tags: { 254: [1], ...tags } })

/** The samples of a sensor. */
const sensor: DirectoryDraft = { tags: { 254: [0], 256: [4000], 257: [3000], 259: [7], 262: [32803] } }

const orders: Pick<TiffDraft, 'little' | 'big'>[] = [
  { little: true, big: false },
  { little: false, big: false },
  { little: true, big: true },
  { little: false, big: true },
]

describe.each(orders)('%j', order => {
  const raws: [what: string, draft: TiffDraft][] = [
    ['DNG', { directories: [{ ...drawThumbnail({ 50706: [1, 4, 0, 0] }), children: [sensor] }] }],
    [
      'DNG whose first image is the sensor',
      { directories: [draftPixels(8, pixels(8), { tags: { 50706: [1] } })] },
    ],
    ['linear DNG', { directories: [{ ...drawThumbnail(), children: [{ tags: { 262: [34892] } }] }] }],
    ['NEF', { directories: [{ ...drawThumbnail(), children: [{ tags: { 254: [1] } }, sensor] }] }],
    [
      'NEF by its compression',
      { directories: [{ ...drawThumbnail(), children: [{ tags: { 259: [34713] } }] }] },
    ],
    [
      'a first image without a subfile type',
      { directories: [{ ...draftPixels(8, pixels(8)), children: [sensor] }] },
    ],
    ['ARW', { directories: [{ ...drawThumbnail(), children: [{ tags: { 259: [32767] } }] }] }],
    ['PEF', { directories: [drawThumbnail(), { tags: { 259: [65535] } }] }],
    ['3FR', { directories: [{ ...drawThumbnail(), children: [{ tags: { 33422: [0, 1, 1, 2] } }] }] }],
    ['MOS', { directories: [drawThumbnail({ 34310: [0] })] }],
    ['TIFF/EP', { directories: [{ ...drawThumbnail(), children: [{ tags: { 256: [4000] } }] }] }],
    ['CR2', { mark: 'CR\x02\0\0\0\0\0', directories: [draftPixels(8, pixels(8))] }],
    ['IIQ', { mark: order.little ? 'IIIIwaR\0' : 'MMMMRawT', directories: [draftPixels(8, pixels(8))] }],
  ]
  test.each(order.big ? raws.filter(([, { mark }]) => !mark) : raws)('%s is refused', async (_, draft) => {
    await expect(decodeImage(writeTiff({ ...order, ...draft }))).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      message: "Expected an image that this build of sharp decodes, got a camera's raw file.",
      hint: expect.stringContaining('Convert'),
    })
  })

  test.each<[what: string, directories: DirectoryDraft[]]>([
    ['one image', [draftPixels(16, pixels(16))]],
    ['two pages', [draftPixels(16, pixels(16)), draftPixels(8, pixels(8))]],
    ['a thumbnail after it', [draftPixels(16, pixels(16)), drawThumbnail()]],
    [
      'a pyramid below it',
      [{ ...draftPixels(16, pixels(16)), children: [drawThumbnail(), drawThumbnail()] }],
    ],
    ["EXIF's CFAPattern", [draftPixels(16, pixels(16), { tags: { 41730: [2] } })]],
  ])('a TIFF of %s is decoded', async (_, directories) => {
    expect(await decodeImage(writeTiff({ ...order, directories }))).toMatchObject({ width: 16, height: 16 })
  })
})

test.each(['jpeg', 'lzw', 'deflate'] as const)("sharp's tiled %s pyramids are decoded", async compression => {
  const image = sharp({ create: { width: 600, height: 400, channels: 3, background: 'red' } })
  const bytes = await image.tiff({ compression, tile: true, pyramid: true, bigtiff: true }).toBuffer()
  expect(await decodeImage(bytes)).toMatchObject({ width: 600, height: 400 })
})

test.each([
  ['FUJIFILMCCD-RAW 0201'],
  ['IIU\0\x08\0\0\0'],
  ['IIRO\x08\0\0\0'],
  ['MMOR\0\0\0\x08'],
  ['FOVb\0\0\0\0'],
  ['\0MRM\0\0\0\0'],
  ['II\x1a\0\0\0HEAPCCDR'],
  ['\0\0\0\x18ftypcrx \0\0\0\x01crx isom'],
])('a file that begins with %j is a raw file', async start => {
  const bytes = Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(500)])
  await expect(decodeImage(bytes)).rejects.toMatchObject({
    code: 'UNSUPPORTED_FORMAT',
    message: expect.stringContaining("a camera's raw file"),
  })
})

test('reads hostile directories without an endless loop', () => {
  const tiff = writeTiff({ directories: [{ ...drawThumbnail(), children: [sensor] }] })
  // Each number of the file is replaced in turn by offsets of the file's start, its end and beyond.
  for (let at = 4; at + 4 <= tiff.length; at++) {
    for (const value of [0, 8, at, tiff.length - 1, 0x7fffffff, 0xffffffff]) {
      const damaged = Buffer.from(tiff)
      damaged.writeUInt32LE(value, at)
      expect(typeof isCameraRaw(damaged)).toBe('boolean')
    }
  }
  for (let length = 0; length < tiff.length; length++)
    expect(typeof isCameraRaw(tiff.subarray(0, length))).toBe('boolean')
  // A directory that is its own child and its own next directory.
  const loop = Buffer.from('49492a0008000000010' + '04a0104000100000008000000' + '08000000', 'hex')
  expect(isCameraRaw(loop)).toBe(false)
})
