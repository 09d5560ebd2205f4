import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import type { Raster } from '../../src/shared/types.ts'

/** Folder of numeric references in the repository. */
export const GOLDEN_DIR = fileURLToPath(new URL('./golden/', import.meta.url))
/** Folder of further test material next to the checkout; may be missing. */
const SHARED_DIR = fileURLToPath(new URL('../../../../../shared/', import.meta.url))

/** Returns the absolute path of a file of the shared test material. If it is missing, the test is skipped. */
export function findShared(path: string, skip: (note: string) => void): string {
  if (!existsSync(SHARED_DIR + path))
    skip(`needs ${path} of the test material in a folder "shared" beside the checkout`)
  return SHARED_DIR + path
}

/** Decodes an image and a gray image of the same size into one RGBA raster. */
export async function readRgba(imagePath: string, alphaPath: string): Promise<Raster> {
  return joinAlpha(await readRgb(imagePath), await readAlpha(alphaPath))
}

/** Decodes an image to RGB, enlarged to a width if one is given. */
export async function readRgb(path: string, width?: number): Promise<Raster> {
  const image = sharp(path).resize(width).toColourspace('srgb').removeAlpha()
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  return { data: new Uint8Array(data), width: info.width, height: info.height, channels: 3 }
}

/** Decodes the first channel of an image, enlarged to a width if one is given. */
export async function readAlpha(path: string, width?: number): Promise<Uint8Array> {
  return new Uint8Array(await sharp(path).resize(width).extractChannel(0).raw().toBuffer())
}

export function joinAlpha({ data, width, height }: Raster, alpha: Uint8Array): Raster {
  const rgba = new Uint8Array(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    rgba.set(data.subarray(3 * i, 3 * i + 3), 4 * i)
    rgba[4 * i + 3] = alpha[i]
  }
  return { data: rgba, width, height, channels: 4 }
}

/** Reads a file of little-endian float32 numbers. */
export async function readFloats(path: string): Promise<Float32Array> {
  const bytes = await readFile(path)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

export function copyRaster(raster: Raster): Raster {
  return { ...raster, data: raster.data.slice() }
}

/** Makes a raster of reproducible noise. A third of the pixels is opaque, a third transparent, a third translucent. */
export function createNoise(width: number, height: number, seed = 1): Raster {
  const random = createRandom(seed)
  const data = Uint8Array.from({ length: width * height * 4 }, () => random() * 256)
  for (let i = 3; i < data.length; i += 4) {
    const kind = random()
    if (kind < 2 / 3) data[i] = kind < 1 / 3 ? 0 : 255
  }
  return { data, width, height, channels: 4 }
}

/** Returns a generator of numbers in [0,1), equal for equal seeds (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}
