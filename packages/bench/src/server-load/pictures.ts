import { randomBytes } from 'node:crypto'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** @returns a photograph as JPEG: uint8, [byteLength] */
export async function drawPhotograph(megapixels: number): Promise<Uint8Array> {
  const cup = join(root, globSync('examples/vite/src/photos/coffee.png', { cwd: root })[0])
  const height = Math.round(Math.sqrt((megapixels * 1e6) / 1.5))
  return sharp(cup)
    .resize(Math.round(height * 1.5), height)
    .jpeg({ quality: 90 })
    .toBuffer()
}

/** @returns the photograph with 16 random bytes after its end, so that it is in no cache */
export function varyPicture(photograph: Uint8Array): Uint8Array<ArrayBuffer> {
  return Buffer.concat([photograph, randomBytes(16)])
}
