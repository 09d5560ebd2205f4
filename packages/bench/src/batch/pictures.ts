import { mkdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { preparePictures } from '../pictures.ts'
import type { PictureBatch } from './batches.ts'

/** Distance between the windows of two pictures, in px. */
const shiftPx = 3

/**
 * Writes the pictures of a batch into `folder` as JPEG of quality 85 to 94: the photograph at each of the sizes, in turns. No
 * two pictures have the same pixels, so that no cache has a matte.
 *
 * @returns their paths
 */
export async function prepareBatch(folder: string, { count, sizes }: PictureBatch): Promise<string[]> {
  const { files } = await preparePictures(join(folder, 'whole'), sizes)
  const wholes = await Promise.all(sizes.map(size => readPixels(files.get(size)!)))
  // The windows form a grid, so that many pictures are about as large as the photograph.
  const columns = Math.ceil(Math.sqrt(count))
  const room = shiftPx * columns
  const paths: string[] = []
  await mkdir(folder, { recursive: true })
  for (let i = 0; i < count; i++) {
    const { data, info } = wholes[i % wholes.length]
    const window = {
      left: shiftPx * (i % columns),
      top: shiftPx * Math.floor(i / columns),
      width: info.width - room,
      height: info.height - room,
    }
    const path = join(folder, `${i}.jpg`)
    await sharp(data, { raw: info })
      .extract(window)
      .jpeg({ quality: 85 + (i % 10) })
      .toFile(path)
    // An old time, as sources of a build have: nobg does not store digests of files that were just written.
    await utimes(path, new Date(0), new Date(0))
    paths.push(path)
  }
  return paths
}

function readPixels(path: string) {
  return sharp(path).raw().toBuffer({ resolveWithObject: true })
}
