import { globSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The measured sizes in megapixels. */
export const sizes = [1, 4, 12, 24] as const

/** One photograph at the requested sizes. */
export interface Pictures {
  /** Description of the photograph, printed below the table. */
  title: string
  /** Path of the JPEG by megapixels. */
  files: Map<number, string>
}

/**
 * Writes the photograph at each size as a JPEG of quality 90 into `folder`. The photograph is a portrait of 25 megapixels if
 * the folder of test material is next to the checkout, otherwise the astronaut of the examples, enlarged.
 *
 * @throws {Error} if both are missing
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
    exclude: name => ['node_modules', 'mattes'].includes(name),
  })[0]
  if (astronaut) return { path: join(root, astronaut), title: 'the astronaut of the examples, enlarged' }
  throw new Error('expected a photograph to measure with (examples/*/**/astronaut.png), found none')
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}
