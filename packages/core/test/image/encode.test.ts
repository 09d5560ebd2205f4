import sharp from 'sharp'
import { describe, expect, it, test } from 'vitest'
import { type CutoutSettings, encodeCutout, encodeMask } from '../../src/image/encode.ts'
import type { Matte, Raster } from '../../src/shared/types.ts'
import { measureDistance } from './distance.ts'

const width = 96
const height = 64

/** Draws a blob with soft edges and smooth colors. Transparent pixels are zero. @returns uint8, [height, width, 4] */
function drawCutout(): Raster {
  const data = new Uint8Array(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)]
    const alpha = Math.max(0, Math.min(255, Math.round((30 - Math.hypot(x - 48, y - 32)) * 20)))
    if (alpha > 0) data.set([x * 2, y * 3, 255 - x - y, alpha], i * 4)
  }
  return { data, width, height, channels: 4 }
}

function drawMatte(): Matte {
  const { data } = drawCutout()
  return { data: data.filter((_, i) => i % 4 === 3), width, height }
}

/** C = αF + (1−α)B in floating point, with the alpha of B. @returns float, [height, width, 4], straight alpha */
function composite({ data }: Raster, [r, g, b, a = 255]: number[]): number[] {
  const out: number[] = []
  for (let i = 0; i < data.length; i += 4) {
    const front = data[i + 3] / 255
    const back = (a / 255) * (1 - front)
    const alpha = front + back
    for (const [c, background] of [r, g, b].entries())
      out.push((data[i + c] * front + background * back) / alpha)
    out.push(alpha * 255)
  }
  return out
}

/** Compares `encoded` with its cutout: error of the colors, weighted by alpha, and error of alpha, in levels. */
async function compare(encoded: Uint8Array, { data }: Raster) {
  const decoded = await sharp(encoded).ensureAlpha().raw().toBuffer()
  const weigh = (samples: Uint8Array) =>
    Float64Array.from(samples, (value, i) => (i % 4 === 3 ? value : (value * data[i | 3]) / 255))
  const isAlpha = (_: number, i: number) => i % 4 === 3
  return {
    color: measureDistance(weigh(decoded), weigh(data)).mean,
    alpha: measureDistance(decoded.filter(isAlpha), data.filter(isAlpha)).max,
  }
}

describe('encodeCutout', () => {
  // Mean error of color and greatest error of alpha, in levels.
  const encodings: [settings: CutoutSettings, color: number, alpha: number][] = [
    [{ format: 'png' }, 0, 0],
    [{ format: 'webp', lossless: true }, 0, 0],
    [{ format: 'avif', lossless: true }, 0, 0],
    [{ format: 'webp' }, 1.2, 1],
    [{ format: 'webp', quality: 100 }, 0.7, 1],
    [{ format: 'avif' }, 1.2, 24],
    [{ format: 'avif', quality: 90 }, 0.5, 6],
  ]
  test.each(encodings)('%j', async (settings, color, alpha) => {
    const cutout = drawCutout()
    const { format } = settings
    const { data, ...rest } = await encodeCutout(cutout, settings)
    expect(rest).toEqual({ width, height, format, contentType: `image/${format}` })
    const distance = await compare(data, cutout)
    expect(distance.color).toBeLessThanOrEqual(color)
    expect(distance.alpha).toBeLessThanOrEqual(alpha)
  })

  test.each([1, 50, 100])(
    'keeps opaque and transparent pixels of lossy webp at quality %i',
    async quality => {
      const cutout = drawCutout()
      const { data } = await encodeCutout(cutout, { format: 'webp', quality })
      const decoded = await sharp(data).raw().toBuffer()
      for (let i = 3; i < decoded.length; i += 4) {
        const alpha = cutout.data[i]
        if (alpha % 255 === 0) expect(decoded[i]).toBe(alpha)
        else expect(decoded[i] % 255).not.toBe(0)
      }
    },
  )

  it('writes truecolor without profile and metadata', async () => {
    for (const format of ['png', 'webp', 'avif'] as const) {
      const { data } = await encodeCutout(drawCutout(), { format })
      const metadata = await sharp(data).metadata()
      expect(metadata).toMatchObject({ channels: 4, depth: 'uchar', isPalette: false, hasProfile: false })
      for (const kind of ['exif', 'xmp', 'iptc']) expect(metadata).not.toHaveProperty(kind)
    }
  })

  it('writes fewer bytes at a lower quality', async () => {
    for (const format of ['webp', 'avif'] as const) {
      const low = await encodeCutout(drawCutout(), { format, quality: 20 })
      const high = await encodeCutout(drawCutout(), { format, quality: 95 })
      expect(low.data.length).toBeLessThan(high.data.length)
    }
  })

  // One level, because sharp truncates when it composes.
  test.each(['#ffffff', '#000000', '#1e90ff'])('has three channels on %s', async backgroundColor => {
    const cutout = drawCutout()
    const { data } = await encodeCutout(cutout, { format: 'png', backgroundColor })
    const decoded = await sharp(data).raw().toBuffer({ resolveWithObject: true })
    expect(decoded.info.channels).toBe(3)
    const expected = composite(cutout, [...Buffer.from(backgroundColor.slice(1), 'hex')]).filter(
      (_, i) => i % 4 !== 3,
    )
    expect(measureDistance(decoded.data, expected).max).toBeLessThanOrEqual(1)
  })

  test.each(['#1e90ff80', '#ff000010', '#00ff00fe'])('stays translucent on %s', async backgroundColor => {
    const cutout = drawCutout()
    const { data } = await encodeCutout(cutout, { format: 'png', backgroundColor })
    const decoded = await sharp(data).raw().toBuffer()
    const background = [...Buffer.from(backgroundColor.slice(1), 'hex')]
    const expected = composite(cutout, background)
    const weigh = (samples: ArrayLike<number>) =>
      Array.from(samples, (value, i) => (i % 4 === 3 ? value : (value * expected[i | 3]) / 255))
    expect(measureDistance(weigh(decoded), weigh(expected)).max).toBeLessThanOrEqual(1.5)
    // Opaque pixels and fully transparent pixels have exact colors.
    const center = (32 * width + 48) * 4
    expect([...decoded.subarray(center, center + 4)]).toEqual([...cutout.data.subarray(center, center + 4)])
    expect([...decoded.subarray(0, 4)]).toEqual(background)
  })

  it('does not change the raster', async () => {
    const cutout = drawCutout()
    for (const backgroundColor of [undefined, '#ff0000', '#ff000080']) {
      await encodeCutout(cutout, { format: 'png', backgroundColor })
    }
    expect(measureDistance(cutout.data, drawCutout().data).max).toBe(0)
  })

  it('encodes a raster that has no alpha', async () => {
    const data = drawCutout().data.filter((_, i) => i % 4 !== 3)
    const opaque: Raster = { data, width, height, channels: 3 }
    for (const backgroundColor of [undefined, '#ff0000', '#ff000080']) {
      const encoded = await encodeCutout(opaque, { format: 'png', backgroundColor })
      expect(measureDistance(await sharp(encoded.data).raw().toBuffer(), data).max).toBe(0)
    }
  })

  test.each([
    ['webp', 16384],
    ['avif', 16385],
  ] as const)('%s of %i px a side is refused', async (format, long) => {
    const raster: Raster = { data: new Uint8Array(long * 3), width: long, height: 1, channels: 3 }
    await expect(encodeCutout(raster, { format })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(format),
      hint: expect.stringContaining('png'),
    })
    expect(await encodeCutout(raster, { format: 'png' })).toMatchObject({ width: long })
  })

  it('encodes the maximum side of each format', async () => {
    for (const [format, long] of [
      ['webp', 16383],
      ['avif', 16384],
    ] as const) {
      const raster: Raster = { data: new Uint8Array(long * 3 * 2), width: long, height: 2, channels: 3 }
      expect(await encodeCutout(raster, { format })).toMatchObject({ width: long })
    }
  })
})

describe('encodeMask', () => {
  test.each([
    [{ format: 'png' }, 0],
    [{ format: 'webp', lossless: true }, 0],
    [{ format: 'avif', lossless: true }, 0],
    [{ format: 'webp' }, 12],
    [{ format: 'avif' }, 24],
  ] as const)('%j', async (settings, tolerance) => {
    const matte = drawMatte()
    const { data, format } = await encodeMask(matte, settings)
    expect(format).toBe(settings.format)
    const decoded = await sharp(data).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
    expect(decoded.info.channels).toBe(1)
    expect(measureDistance(decoded.data, matte.data).max).toBeLessThanOrEqual(tolerance)
  })

  it('writes a PNG of one channel', async () => {
    const { data } = await encodeMask(drawMatte(), { format: 'png' })
    expect(await sharp(data).metadata()).toMatchObject({ channels: 1, depth: 'uchar', isPalette: false })
  })
})
