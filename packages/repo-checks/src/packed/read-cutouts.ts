import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import sharp from 'sharp'
import { listFiles } from './install-example.ts'

/** The pictures of an output folder that have transparent pixels: digest by path. */
export async function readCutouts(folder: string): Promise<Map<string, string>> {
  const cutouts = new Map<string, string>()
  for (const file of await listFiles(folder)) {
    if (!/\.(?:png|webp|avif)$/.test(file)) continue
    const bytes = await readFile(file)
    const image = sharp(bytes)
    const [{ hasAlpha }, { channels }] = await Promise.all([image.metadata(), image.stats()])
    if (!hasAlpha || channels[channels.length - 1].min > 0) continue
    cutouts.set(relative(folder, file), createHash('sha256').update(bytes).digest('hex'))
  }
  return cutouts
}
