import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const cup = globSync('examples/vite/src/photos/coffee.png', { cwd: root })[0]

/** A photograph of 1200 × 800 px that no cache has seen: uint8, [byteLength], a JPEG. */
export async function drawPicture(): Promise<Uint8Array> {
  const [r, g, b] = Array.from({ length: 3 }, () => Math.floor(Math.random() * 256))
  const dot = { create: { width: 8, height: 8, channels: 3, background: { r, g, b } } } as const
  return sharp(join(root, cup))
    .resize(1200, 800)
    .composite([{ input: dot, left: 0, top: 0 }])
    .jpeg({ quality: 90 })
    .toBuffer()
}
