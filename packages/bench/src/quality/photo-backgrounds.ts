import { existsSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { DrawBackground } from './scenes.ts'

/** The part of a photograph that does not show its subject, in shares of the frame. */
interface Part {
  file: string
  left: number
  top: number
  width: number
  height: number
}

/** Leaves, trees, a savanna and autumn leaves: all have edges. Chosen by eye. */
const PARTS: readonly Part[] = [
  { file: 'redpanda-10mp.jpg', left: 0.66, top: 0, width: 0.34, height: 0.5 },
  { file: 'bike-6mp.jpg', left: 0, top: 0, width: 0.3, height: 0.3 },
  { file: 'lion-1.6mp.jpg', left: 0.55, top: 0, width: 0.45, height: 0.45 },
  { file: 'autumn-hair-1.7mp.jpg', left: 0, top: 0, width: 0.45, height: 0.26 },
]

/**
 * Returns a function that draws parts of other photographs as backgrounds, one after another, enlarged to the scene.
 * `undefined` if a photograph is missing.
 */
export function findPhotoBackgrounds(folder: string): DrawBackground | undefined {
  if (!PARTS.every(({ file }) => existsSync(join(folder, file)))) return undefined
  return async (_, size, index) => {
    const { file, left, top, width, height } = PARTS[index % PARTS.length]
    const photograph = sharp(join(folder, file))
    const frame = await photograph.metadata()
    const region = {
      left: Math.floor(left * frame.width),
      top: Math.floor(top * frame.height),
      width: Math.floor(width * frame.width),
      height: Math.floor(height * frame.height),
    }
    return photograph
      .extract(region)
      .resize({ ...size, fit: 'cover' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer()
  }
}
