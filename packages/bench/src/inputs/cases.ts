import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

/** A file that a library should understand, and how to tell from its cutout. */
export interface InputCase {
  title: string
  file: string
  /** Whether a cutout shows that the library understood the file. */
  isRight(cutout: Buffer): Promise<boolean>
}

/** A difference between colors that one sees, in levels of 255. */
const VISIBLE = 24

/** Writes a turned, a gray, a CMYK and a half transparent copy of a photograph, which must not be square, into `folder`. */
export async function writeCases(photograph: string, folder: string): Promise<InputCase[]> {
  const { data, info } = await sharp(photograph).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const upright = () => sharp(data, { raw: info })
  const place = (name: string) => join(folder, name)

  // Orientation 6: a viewer turns the stored pixels by 90° clockwise.
  const stored = await upright().rotate(-90).jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toBuffer()
  await writeFile(place('turned.jpg'), stored)
  await upright().toColourspace('cmyk').jpeg({ quality: 95 }).toFile(place('cmyk.jpg'))
  await upright().toColourspace('b-w').png().toFile(place('gray.png'))
  const alpha = Buffer.from(
    Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? 0 : 255)),
  )
  const withAlpha = upright().joinChannel(alpha, { raw: { width, height, channels: 1 } })
  await withAlpha.png().toFile(place('alpha.png'))

  return [
    {
      title: 'EXIF orientation',
      file: place('turned.jpg'),
      isRight: async cutout => {
        const size = await sharp(cutout).metadata()
        const isUpright = size.width === width && size.height === height
        return isUpright && (await differ(cutout, data, width, height)) < VISIBLE
      },
    },
    {
      title: 'gray levels',
      file: place('gray.png'),
      isRight: async cutout => (await readAlpha(cutout)).some(level => level > 250),
    },
    {
      title: 'CMYK',
      file: place('cmyk.jpg'),
      isRight: async cutout => (await differ(cutout, data, width, height)) < VISIBLE,
    },
    {
      title: 'alpha of the input',
      file: place('alpha.png'),
      isRight: async cutout => {
        const alpha = await readAlpha(cutout)
        // Eight pixels beside the border may be soft.
        return alpha.every((level, i) => level === 0 || i % width >= width / 2 - 8)
      },
    },
  ]
}

/** The alpha of each pixel, 0 to 255. */
function readAlpha(cutout: Buffer): Promise<Buffer> {
  return sharp(cutout).ensureAlpha().extractChannel('alpha').raw().toBuffer()
}

/** Mean difference of the opaque pixels of a cutout and the photograph, in levels of 255. */
async function differ(cutout: Buffer, photograph: Buffer, width: number, height: number): Promise<number> {
  const pixels = await sharp(cutout).ensureAlpha().resize(width, height, { fit: 'fill' }).raw().toBuffer()
  let sum = 0
  let count = 0
  for (let i = 0; i < width * height; i++) {
    if (pixels[4 * i + 3] < 250) continue
    for (let c = 0; c < 3; c++) sum += Math.abs(pixels[4 * i + c] - photograph[3 * i + c])
    count += 3
  }
  return count === 0 ? Number.POSITIVE_INFINITY : sum / count
}
