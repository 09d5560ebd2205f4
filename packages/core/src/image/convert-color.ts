import { type ColorSpace, encodeSrgb, matrixToSrgb } from './color-space.ts'

/** Size of the table from linear light to sRGB samples. Near black, one level of sRGB spans five entries. */
const LIGHT_STEPS = 1 << 14

/**
 * Converts samples of a color space to sRGB. Clips colors outside of sRGB.
 *
 * @param samples uint8 or uint16, [height, width, channels], RGB, then alpha (straight) and other channels. Channels after
 *   RGB are only reduced to 8 bits.
 * @returns uint8, same shape; the same memory if the samples are uint8
 */
export function convertToSrgb(
  samples: Uint8Array | Uint16Array,
  channels: number,
  { primaries, toLight }: ColorSpace,
): Uint8Array {
  const most = samples instanceof Uint8Array ? 255 : 65535
  const converted = samples instanceof Uint8Array ? samples : new Uint8Array(samples.length)
  const light = Float32Array.from({ length: most + 1 }, (_, sample) => toLight(sample / most))
  const levels = Uint8ClampedArray.from(
    { length: LIGHT_STEPS + 1 },
    (_, i) => 255 * encodeSrgb(i / LIGHT_STEPS),
  )
  const toLevel = (value: number) => levels[Math.round(Math.min(1, Math.max(0, value)) * LIGHT_STEPS)]
  const [r, g, b] = matrixToSrgb(primaries) ?? IDENTITY
  for (let i = 0; i < samples.length; i += channels) {
    const red = light[samples[i]]
    const green = light[samples[i + 1]]
    const blue = light[samples[i + 2]]
    converted[i] = toLevel(r[0] * red + r[1] * green + r[2] * blue)
    converted[i + 1] = toLevel(g[0] * red + g[1] * green + g[2] * blue)
    converted[i + 2] = toLevel(b[0] * red + b[1] * green + b[2] * blue)
    for (let c = i + 3; c < i + channels; c++) converted[c] = Math.round((samples[c] * 255) / most)
  }
  return converted
}

/** For primaries that span no color space. */
const IDENTITY = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
] as const
