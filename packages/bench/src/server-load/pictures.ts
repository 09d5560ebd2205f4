import { randomBytes } from 'node:crypto'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** A photograph of so many megapixels: uint8, [byteLength], a JPEG. */
export async function drawPhotograph(megapixels: number): Promise<Uint8Array> {
  const cup = join(root, globSync('examples/vite/src/photos/coffee.png', { cwd: root })[0])
  const height = Math.round(Math.sqrt((megapixels * 1e6) / 1.5))
  return sharp(cup)
    .resize(Math.round(height * 1.5), height)
    .jpeg({ quality: 90 })
    .toBuffer()
}

/** The same, but one that no cache has seen: with 16 bytes behind its end. */
export function varyPicture(photograph: Uint8Array): Uint8Array<ArrayBuffer> {
  return Buffer.concat([photograph, randomBytes(16)])
}
