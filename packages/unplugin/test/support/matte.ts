import { readdir } from 'node:fs/promises'
import sharp from 'sharp'
import type { Project } from './project.ts'

/** A matte of the cat or the astronaut whose left half (or right half) is opaque. */
export async function halfMatte(side: 'left' | 'right' = 'left', width = 240, height = 160): Promise<Buffer> {
  const isOpaque = (x: number) => x < width / 2 === (side === 'left')
  const data = Uint8Array.from({ length: width * height }, (_, i) => (isOpaque(i % width) ? 255 : 0))
  const image = sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w')
  return image.png().toBuffer()
}

/** The half of a cutout that is opaque: `left`, `right`, or `neither`, as in the predicted cutouts of the fixtures. */
export async function opaqueHalf(cutout: Uint8Array): Promise<'left' | 'right' | 'neither'> {
  const { data, info } = await sharp(cutout).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const at = (x: number, y: number) => data[(Math.floor(height * y) * width + Math.floor(width * x)) * 4 + 3]
  const all = (x: number) => [0.05, 0.5, 0.95].map(y => at(x, y))
  const [left, right] = [all(0.05), all(0.95)]
  if (left.every(alpha => alpha === 255) && right.every(alpha => alpha === 0)) return 'left'
  if (right.every(alpha => alpha === 255) && left.every(alpha => alpha === 0)) return 'right'
  return 'neither'
}

/** Paths of the kept mattes of a project. */
export async function listKept(project: Project): Promise<string[]> {
  const names = await readdir(project.path('mattes'), { recursive: true }).catch(() => [])
  return names.filter(name => /\d\.[\da-f]{8}\.png$/.test(name)).map(name => `mattes/${name}`)
}
