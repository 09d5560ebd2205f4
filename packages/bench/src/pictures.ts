import { globSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The sizes that are measured, in megapixels. */
export const sizes = [1, 4, 12, 24] as const

/** One photograph at the sizes asked for. */
export interface Pictures {
  /** What it shows, for the reader of the table. */
  title: string
  /** Path of the JPEG by megapixels. */
  files: Map<number, string>
}

/**
 * Writes the photograph at each size as JPEG of quality 90, into `folder`: a portrait of 25 megapixels where the folder
 * of test material lies beside the checkout, else the astronaut of the examples, enlarged.
 *
 * @throws {Error} where there is neither
 */
export async function preparePictures(folder: string, megapixels: readonly number[]): Promise<Pictures> {
  const { path, title } = await findPhotograph()
  await mkdir(folder, { recursive: true })
  const { width, height } = await sharp(path).metadata()
  const files = new Map<number, string>()
  for (const size of megapixels) {
    const scale = Math.sqrt((size * 1e6) / (width * height))
    const file = join(folder, `${size}mp.jpg`)
    await sharp(path)
      .resize(Math.round(width * scale), Math.round(height * scale), { fit: 'fill' })
      .flatten()
      .jpeg({ quality: 90 })
      .toFile(file)
    files.set(size, file)
  }
  return { title, files }
}

async function findPhotograph(): Promise<{ path: string; title: string }> {
  const portrait = join(root, '..', 'shared', 'photos', 'measure', 'man-25mp.jpg')
  if (await isFile(portrait)) return { path: portrait, title: 'a portrait of 25 megapixels, scaled down' }
  const astronaut = globSync('examples/*/**/astronaut.{png,jpg}', {
    cwd: root,
    exclude: name => name === 'node_modules',
  })[0]
  if (astronaut) return { path: join(root, astronaut), title: 'the astronaut of the examples, enlarged' }
  throw new Error('expected a photograph to measure with (examples/*/**/astronaut.png), found none')
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}
