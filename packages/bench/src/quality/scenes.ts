import type { Matte, Raster } from '@nobg/core'
import sharp from 'sharp'
import { composeCutout } from '../../../core/src/matting/compose.ts'
import { makeNoise } from '../graph/noise.ts'
import type { Truth } from './truth.ts'

/** Longer side of a scene, in px: larger than any model's input, so that the network runs on tiles. */
const side = 2048
/** Standard deviation of the background's blur, in px of the scene. */
const sigma = 24
/** Half of the noise's greatest amplitude, in levels. */
const grain = 3

interface Size {
  width: number
  height: number
}

/**
 * Draws the background of a scene: uint8, [height, width, 3].
 *
 * @param photograph the subject's photograph.
 * @param index number of the scene.
 */
export type DrawBackground = (photograph: Raster, size: Size, index: number) => Promise<Uint8Array>

/**
 * Puts the subject of each photograph, unscaled, into the middle of a scene of 2048 px. The background of the scene is the
 * photograph's own, enlarged, blurred and with noise. A scene is easier than a photograph of this size, whose background has
 * edges, but its alpha is known.
 *
 * @param drawBackground draws another background.
 */
export function placeInScenes(
  truths: readonly Truth[],
  drawBackground: DrawBackground = blurPhotograph,
): Promise<Truth[]> {
  const photographs = truths.filter(({ isComposite }) => !isComposite)
  return Promise.all(photographs.map((truth, i) => placeInScene(truth, i, drawBackground)))
}

async function placeInScene(
  { name, picture, width, height, alpha }: Truth,
  index: number,
  drawBackground: DrawBackground,
): Promise<Truth> {
  const scale = side / Math.max(width, height)
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) }
  const scene = await drawBackground({ data: picture, width, height, channels: 3 }, size, index)
  const matte: Matte = { data: alpha, width, height }
  const subject = composeCutout({ data: picture, width, height, channels: 3 }, matte, {
    matteUpsampling: 'bilinear',
    refineForeground: 'multi-level',
  }).raster
  const sceneAlpha = new Uint8Array(size.width * size.height)
  const left = (size.width - width) >> 1
  const top = (size.height - height) >> 1
  for (let i = 0; i < alpha.length; i++) {
    const at = (top + Math.floor(i / width)) * size.width + left + (i % width)
    const share = alpha[i] / 255
    sceneAlpha[at] = alpha[i]
    for (let c = 0; c < 3; c++)
      scene[at * 3 + c] = Math.round(subject.data[i * 4 + c] * share + scene[at * 3 + c] * (1 - share))
  }
  return { name, picture: scene, ...size, alpha: sceneAlpha }
}

/** Equal for equal photographs and versions of libvips. */
async function blurPhotograph({ data, width, height }: Raster, size: Size): Promise<Uint8Array> {
  const blurred = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ ...size, fit: 'fill' })
    .blur(sigma)
    .raw()
    .toBuffer()
  const noise = makeNoise(blurred.length)
  return Uint8Array.from(blurred, (level, i) => Math.min(255, Math.max(0, level + noise[i] * grain)))
}
