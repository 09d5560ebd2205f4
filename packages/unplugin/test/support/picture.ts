import sharp from 'sharp'
import { expect } from 'vitest'

/** Expects a cutout: alpha that is 0 somewhere and 255 somewhere. @returns its size. */
export async function expectCutout(
  bytes: Uint8Array,
  format = 'webp',
): Promise<{ width: number; height: number }> {
  const image = sharp(bytes)
  const { width, height, channels, format: actual } = await image.metadata()
  expect(actual === 'heif' ? 'avif' : actual).toBe(format)
  expect(channels).toBe(4)
  const alpha = (await image.stats()).channels[3]
  expect(alpha.min).toBe(0)
  expect(alpha.max).toBeGreaterThan(240)
  return { width, height }
}

/** Expects a picture without transparency, such as a photograph or a mask. */
export async function expectOpaque(bytes: Uint8Array): Promise<void> {
  expect((await sharp(bytes).stats()).isOpaque).toBe(true)
}
