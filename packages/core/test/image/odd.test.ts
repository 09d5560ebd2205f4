import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { decodeImage } from '../../src/image/decode.ts'
import { readSource } from '../../src/image/source.ts'
import type { NobgError } from '../../src/shared/errors.ts'
import type { Raster } from '../../src/shared/types.ts'
import { measureDistance } from './distance.ts'

// Shared test material: a folder next to the checkout, if it exists.
const odd = fileURLToPath(new URL('../../../../../shared/odd/', import.meta.url))
const isAbsent = !existsSync(odd)
const read = (name: string) => readFileSync(join(odd, name))

/** Mean of each channel, in levels. */
function averageChannels({ data }: Raster): number[] {
  const sums = [0, 0, 0, 0]
  for (let i = 0; i < data.length; i++) sums[i % 4] += data[i]
  return sums.map(sum => (sum / data.length) * 4)
}

describe.skipIf(isAbsent)(
  isAbsent ? 'odd pictures (skipped: no folder shared/odd beside the checkout)' : 'odd pictures',
  () => {
    // Size and mean of each channel in levels; without alpha if alpha is 255 everywhere. A wrong profile, gamma or alpha
    // changes the means by far more than 1.
    const pictures: [file: string, width: number, height: number, means: number[]][] = [
      ['16-bit-grey-alpha.png', 109, 96, [0, 0, 0, 7.2]],
      ['2569067123_aca715a2ee_o.jpg', 2725, 2225, [101.5, 76.3, 61.5]],
      ['4.webp', 1024, 772, [105.4, 152.9, 175.8]],
      ['5_webp_a.webp', 300, 300, [91.8, 91, 92.2, 61.8]],
      ['Channel_digital_image_CMYK_color.jpg', 500, 333, [121, 126.4, 115.2]],
      ['Flag_of_the_Netherlands-16bit.png', 900, 600, [154.2, 117.6, 144.5]],
      ['G31D.TIF', 2464, 3248, [235.8, 235.8, 235.8]],
      ['Landscape_3.jpg', 600, 450, [97.2, 95, 82.9]],
      ['Landscape_6.jpg', 600, 450, [97.3, 95, 82.9]],
      ['Portrait_5.jpg', 450, 600, [115.1, 117.7, 96.2]],
      ['alpha-layer-1-fill.png', 2048, 1536, [41.4, 20.1, 52.2, 122.6]],
      ['animated-loop-3.gif', 370, 285, [253, 254, 251, 255]],
      ['avif-orientation-6.avif', 3024, 4032, [150.6, 122.8, 92.4]],
      ['check.svg', 100, 100, [0, 26.8, 0, 48.9]],
      ['cielab-dagams.tiff', 400, 266, [90.6, 113.5, 65.1]],
      ['full-transparent.png', 300, 300, [71, 112, 76, 0]],
      ['gain-map.jpg', 3840, 2160, [99.9, 97.9, 97.4]],
      ['gamma_dalai_lama_gray.jpg', 258, 222, [127, 127, 127]],
      ['indexed.png', 290, 442, [129.3, 118.2, 108.5]],
      ['p3.png', 8, 8, [255, 0, 0, 255]],
      ['pitm.avif', 4096, 800, [30.1, 37.9, 52.8]],
      ['rotating-squares.gif', 80, 80, [32.7, 50.7, 61.4, 89.4]],
      ['rotating-squares.webp', 80, 80, [48.6, 66.6, 77.7, 89.4]],
      ['rotation-0.png', 290, 442, [129.3, 118.2, 108.4]],
      ['swiss.png', 68, 68, [249.7, 212.5, 213.8]],
      ['uncompressed_tiff.tiff', 246, 345, [177.2, 138, 111.1]],
    ]
    test.each(pictures)('%s', async (file, width, height, means) => {
      const raster = await decodeImage(read(file))
      expect(raster).toMatchObject({ width, height, channels: 4 })
      const [red, green, blue, alpha = 255] = means
      expect(measureDistance(averageChannels(raster), [red, green, blue, alpha]).max).toBeLessThanOrEqual(1)
    })

    test('a flag in a 16-bit PNG has its official colors', async () => {
      const { data, width, height } = await decodeImage(read('Flag_of_the_Netherlands-16bit.png'))
      const stripe = (part: number) =>
        data.subarray(Math.floor(height * part) * width * 4, Math.floor(height * part) * width * 4 + 3)
      const flag = [...stripe(1 / 6), ...stripe(3 / 6), ...stripe(5 / 6)]
      // Red #AE1C28, white, blue #21468B.
      expect(measureDistance(flag, [174, 28, 40, 255, 255, 255, 33, 70, 139]).max).toBeLessThanOrEqual(1)
    })

    // The same waterfall in six orientations. Each picture has its number in the middle.
    test.each([2, 3, 4, 6, 8])('rotation-%s.jpg shows the scene of rotation-1.jpg', async orientation => {
      const small = async (name: string) => {
        const { data, ...raw } = await decodeImage(read(name))
        return sharp(data, { raw }).removeAlpha().resize(120, 160, { fit: 'fill' }).raw().toBuffer()
      }
      const upright = await small('rotation-1.jpg')
      // Measured: at most 7.6. A mirrored scene has at least 36.
      expect(measureDistance(await small(`rotation-${orientation}.jpg`), upright).mean).toBeLessThanOrEqual(
        10,
      )
      const mirrored = await sharp(upright, { raw: { width: 120, height: 160, channels: 3 } })
        .flop()
        .raw()
        .toBuffer()
      expect(measureDistance(mirrored, upright).mean).toBeGreaterThan(30)
    })

    const faults: [file: string, code: NobgError['code'], message: RegExp][] = [
      ['truncated.jpg', 'CORRUPT_IMAGE', /damaged JPEG: .*premature end/],
      ['truncated.png', 'CORRUPT_IMAGE', /damaged PNG/],
      ['corrupted.jpg', 'CORRUPT_IMAGE', /damaged JPEG: [^\n]*$/],
      ['iphone.heic', 'UNSUPPORTED_FORMAT', /this build of sharp decodes, got HEIC/],
      ['relax.jp2', 'UNSUPPORTED_FORMAT', /this build of sharp decodes, got JPEG 2000/],
      ['giant-image.jpg', 'TOO_MANY_PIXELS', /20000 × 14000 px \(280 megapixels\)/],
    ]
    test.each(faults)('%s is %s, and leaves no file behind', async (file, code, message) => {
      const dir = mkdtempSync(join(tmpdir(), 'nobg-odd-'))
      try {
        writeFileSync(join(dir, file), read(file))
        const source = await readSource(join(dir, file))
        const failure = await decodeImage(await source.bytes()).catch((error: NobgError) => error)
        expect(failure).toMatchObject({
          code,
          message: expect.stringMatching(message),
          hint: expect.any(String),
        })
        expect(readdirSync(dir)).toEqual([file])
      } finally {
        rmSync(dir, { recursive: true })
      }
    })
  },
)
