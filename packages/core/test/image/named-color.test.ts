import { crc32 } from 'node:zlib'
import { converter } from 'culori'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { decodeImage } from '../../src/image/decode.ts'
import { measureDistance } from './distance.ts'
import { insertAfterHeader } from './odd-files.ts'
import { colors, openSwatches, readSwatches } from './swatches.ts'

const toSrgb = converter('rgb') as (color: object) => Record<'r' | 'g' | 'b', number>
type Mode = 'p3' | 'rec2020' | 'a98' | 'prophoto' | 'rgb'

/** Returns the swatches in 8-bit sRGB, computed by culori, if their numbers are colors of another space. */
function expectColors(mode: Mode, curve = (sample: number) => sample): number[] {
  return colors.flatMap(([r, g, b]) => {
    const color = toSrgb({ mode, r: curve(r / 255), g: curve(g / 255), b: curve(b / 255) })
    return [color.r, color.g, color.b].map(value => Math.min(255, Math.max(0, Math.round(value * 255))))
  })
}

const encode = (light: number) => (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055)

function writeChunk(type: string, ...data: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type), ...data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length - 4, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

const words = (...values: number[]) =>
  Buffer.concat(
    values.map(value => {
      const word = Buffer.alloc(4)
      word.writeUInt32BE(Math.round(value * 100_000))
      return word
    }),
  )
const cicp = (primaries: number, transfer: number) => writeChunk('cICP', Buffer.of(primaries, transfer, 0, 1))
const gamma = (value: number) => writeChunk('gAMA', words(value))
const sRgb = writeChunk('sRGB', Buffer.of(0))
const p3Primaries = writeChunk('cHRM', words(0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06))
const srgbPrimaries = writeChunk('cHRM', words(0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06))

async function drawPng(chunks: Buffer[], isDeep = false, profile?: string): Promise<Buffer> {
  const image = openSwatches().toColourspace(isDeep ? 'rgb16' : 'srgb')
  const png = await (profile ? image.withIccProfile(profile) : image).png().toBuffer()
  return insertAfterHeader(png, 33, Buffer.concat(chunks))
}

const readColors = async (bytes: Buffer) => readSwatches(await decodeImage(bytes)).flat()

describe('PNG', () => {
  const meanings: [what: string, chunks: Buffer[], expected: number[]][] = [
    ['cICP of Display P3', [cicp(12, 13)], expectColors('p3')],
    ['cICP of BT.2020', [cicp(9, 14)], expectColors('rec2020')],
    ['cICP of BT.2020, 12 bits', [cicp(9, 15)], expectColors('rec2020')],
    ['cICP of linear light', [cicp(1, 8)], expectColors('rgb', encode)],
    ['cICP of gamma 2.2', [cicp(1, 4)], expectColors('rgb', sample => encode(sample ** 2.2))],
    ['cICP of sRGB', [cicp(1, 13)], colors.flat()],
    ['cICP of BT.709', [cicp(1, 1)], colors.flat()],
    ['an unspecified cICP', [cicp(2, 2)], colors.flat()],
    ['cICP over all others', [cicp(12, 13), sRgb, gamma(1), srgbPrimaries], expectColors('p3')],
    ['sRGB over gAMA and cHRM', [sRgb, gamma(1), p3Primaries], colors.flat()],
    ['gAMA of linear light', [gamma(1)], expectColors('rgb', encode)],
    ['gAMA of 1.8', [gamma(1 / 1.8)], expectColors('rgb', sample => encode(sample ** 1.8))],
    ['gAMA of about sRGB', [gamma(0.45455), srgbPrimaries], colors.flat()],
    ['cHRM of Display P3', [gamma(0.45455), p3Primaries], expectColors('p3')],
    ['invalid gAMA and cHRM', [gamma(0), writeChunk('cHRM', words(0, 0, 0, 0, 0, 0, 0, 0))], colors.flat()],
    [
      'chunks that are too short',
      [writeChunk('cICP'), writeChunk('gAMA'), writeChunk('cHRM')],
      colors.flat(),
    ],
  ]
  test.each(meanings)('%s', async (_, chunks, expected) => {
    for (const isDeep of [false, true])
      expect(
        measureDistance(await readColors(await drawPng(chunks, isDeep)), expected).max,
      ).toBeLessThanOrEqual(1)
  })

  test('prefers cICP to an ICC profile, and an ICC profile to gAMA', async () => {
    const own = await readColors(await drawPng([gamma(1)], false, 'p3'))
    expect(measureDistance(own, colors.flat()).max).toBeLessThanOrEqual(1)
    for (const isDeep of [false, true]) {
      const stored = await readColors(await drawPng([cicp(1, 13)], isDeep, 'p3'))
      // sRGB's red in Display P3: the profile was not applied.
      expect(measureDistance(stored.slice(-3), [234, 51, 35]).max).toBeLessThanOrEqual(2)
    }
  })

  test('keeps gray and alpha', async () => {
    const gray = openSwatches().greyscale().ensureAlpha(0.5).toColourspace('b-w')
    const bytes = insertAfterHeader(await gray.png().toBuffer(), 33, cicp(12, 13))
    expect([...(await decodeImage(bytes)).data.subarray(0, 4)]).toEqual([110, 110, 110, 127])
  })

  test('(209, 94, 53) of Display P3 is (225, 85, 36) of sRGB', async () => {
    const color = {
      create: { width: 8, height: 8, channels: 3, background: { r: 209, g: 94, b: 53 } },
    } as const
    const bytes = insertAfterHeader(await sharp(color).png().toBuffer(), 33, cicp(12, 13))
    const { data } = await decodeImage(bytes)
    expect(measureDistance(data.subarray(0, 3), [225, 85, 36]).max).toBeLessThanOrEqual(1)
  })
})

describe('AVIF', () => {
  /** Makes an AVIF with code points in place of an ICC profile. sharp cannot write code points. */
  async function drawAvif(primaries: number, transfer: number): Promise<Buffer> {
    const { data, info } = await openSwatches().raw().toBuffer({ resolveWithObject: true })
    const raw = { width: info.width, height: info.height, channels: info.channels }
    const image = sharp(data, { raw }).withIccProfile('srgb')
    const bytes = await image.avif({ quality: 99, chromaSubsampling: '4:4:4' }).toBuffer()
    const at = Math.max(bytes.indexOf('colrrICC'), bytes.indexOf('colrprof'))
    expect(at).toBeGreaterThan(0)
    bytes.fill(0, at + 4, at - 4 + bytes.readUInt32BE(at - 4))
    bytes.write('nclx', at + 4, 'latin1')
    bytes.writeUInt16BE(primaries, at + 8)
    bytes.writeUInt16BE(transfer, at + 10)
    bytes.writeUInt16BE(6, at + 12)
    bytes[at + 14] = 0x80
    return bytes
  }

  test.each<[what: string, primaries: number, transfer: number, expected: number[]]>([
    ['Display P3', 12, 13, expectColors('p3')],
    ['BT.2020', 9, 14, expectColors('rec2020')],
    ['sRGB', 1, 13, colors.flat()],
    ['unspecified', 2, 2, colors.flat()],
  ])('nclx of %s', async (_, primaries, transfer, expected) => {
    const found = await readColors(await drawAvif(primaries, transfer))
    expect(measureDistance(found, expected).max).toBeLessThanOrEqual(5)
  })

  test.each([16, 18])('HDR (transfer function %d) is refused', async transfer => {
    await expect(decodeImage(await drawAvif(9, transfer))).rejects.toMatchObject(isHdr)
  })

  test('skips truncated and invalid boxes', async () => {
    const bytes = await drawAvif(12, 13)
    for (let at = 0; at < 300; at++) {
      const damaged = Buffer.from(bytes)
      damaged.writeUInt32BE(0xffffffff, at)
      const outcome = await decodeImage(damaged).catch(error => error)
      expect(outcome.data instanceof Uint8Array || outcome.name === 'NobgError').toBe(true)
    }
  })
})

const isHdr = {
  code: 'UNSUPPORTED_FORMAT',
  message: expect.stringMatching(/HDR.*(PQ|HLG)/),
  hint: expect.stringContaining('SDR'),
}

test.each([16, 18])('a PNG of HDR (transfer function %d) is refused', async transfer => {
  await expect(decodeImage(await drawPng([cicp(9, transfer)]))).rejects.toMatchObject(isHdr)
})
