import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { encodeCutout } from '../src/image/encode.ts'
import { type ComposeSettings, composeCutout } from '../src/matting/compose.ts'
import type { Matte, Raster } from '../src/shared/types.ts'

const [width, height] = [200, 150]
const distanceOf = (i: number) => Math.hypot((i % width) - 100, Math.floor(i / width) - 75)

/** A blob of 50 px with soft edges, in the middle of noise. */
const matte: Matte = {
  data: Uint8Array.from({ length: width * height }, (_, i) =>
    Math.max(0, Math.min(255, (50 - distanceOf(i)) * 30)),
  ),
  width,
  height,
}

/** @param secret color of all pixels that become transparent */
function paint(channels: 3 | 4, secret: number): Raster {
  const data = new Uint8Array(width * height * channels)
  for (let i = 0; i < width * height; i++) {
    const isHidden = distanceOf(i) >= 50
    for (let c = 0; c < 3; c++) data[i * channels + c] = isHidden ? secret : (i * (c + 3) * 7) % 256
    // Transparent at the frame, as a picture that was cut out before.
    if (channels === 4) data[i * 4 + 3] = i % width < 4 ? 0 : 255
  }
  return { data, width, height, channels }
}

const compositions: ComposeSettings[] = [
  { matteUpsampling: 'guided', refineForeground: 'multi-level' },
  { matteUpsampling: 'guided', refineForeground: 'blur-fusion' },
  { matteUpsampling: 'bilinear', refineForeground: false },
  { matteUpsampling: 'bilinear', refineForeground: false, threshold: 0.5 },
]
const formats = [
  { format: 'png' },
  { format: 'webp', lossless: true },
  { format: 'avif', lossless: true },
  { format: 'webp' },
  { format: 'webp', quality: 100 },
  { format: 'avif' },
  { format: 'avif', quality: 100 },
  { format: 'png', backgroundColor: '#ff000000' },
] as const
const isExact = (format: (typeof formats)[number]) => format.format === 'png' || 'lossless' in format

describe.each(compositions)('%j', settings => {
  describe.each([3, 4] as const)('from %i channels', channels => {
    const compose = (secret: number) => composeCutout(paint(channels, secret), matte, settings).raster

    test.each(formats)('%j has no color under alpha 0', async format => {
      const { data } = await encodeCutout(compose(255), format)
      // Refinement estimates colors from the background. Without refinement the background leaves no trace in the file.
      const other = await encodeCutout(compose(0), format)
      if (!settings.refineForeground) expect(Buffer.compare(data, other.data)).toBe(0)
      const decoded = await sharp(data).ensureAlpha().raw().toBuffer()
      let hidden = 0
      for (let i = 0; i < width * height; i++) {
        // Lossy formats work in blocks: colors of the subject reach over its edge, by at most two blocks of 16 px.
        if (decoded[i * 4 + 3] > 0 || (!isExact(format) && distanceOf(i) < 50 + 32)) continue
        hidden = Math.max(hidden, decoded[i * 4], decoded[i * 4 + 1], decoded[i * 4 + 2])
      }
      expect(hidden).toBeLessThanOrEqual(isExact(format) ? 0 : 3)
    })
  })
})
