import type { Matte, Raster } from '@nobg/core'
import sharp from 'sharp'
import { shrinkMatte } from '../../../core/src/matting/shrink.ts'
import { createRandom, type Random } from './random.ts'
import type { Photograph, Subject } from './subjects.ts'

/** A picture whose alpha is known. */
export interface Scene {
  name: string
  /** Name of the photograph that the subject comes from. */
  subject: string
  /** uint8, [height, width, 3]. */
  picture: Raster
  /** uint8, [height, width]: the true alpha. */
  truth: Matte
}

/** Longer side of a scene, px. */
const SIDE = 640
const ASPECTS = [3 / 4, 1, 4 / 3, 3 / 2]
/** Larger side of the subject, as a share of the frame's. */
const SCALES = [0.15, 0.3, 0.5, 0.7, 0.9, 1.1]
const BACKGROUNDS = ['plain', 'alike', 'photograph', 'photograph', 'blurred'] as const
const COLORS = ['#ffffff', '#101014', '#00b140', '#3c465a', '#c8b496', '#808080']

/** Places each subject `count` times on plain colors and on other photographs. The same each time. */
export async function makeScenes(
  subjects: readonly Subject[],
  photographs: readonly Photograph[],
  count: number,
): Promise<Scene[]> {
  const scenes: Scene[] = []
  for (const [i, subject] of subjects.entries()) {
    const random = createRandom(i + 1)
    const others = photographs.filter(({ name }) => name !== subject.name)
    for (let n = 0; n < count; n++) scenes.push(await makeScene(subject, others, random, n))
  }
  return scenes
}

async function makeScene(
  subject: Subject,
  others: readonly Photograph[],
  random: Random,
  n: number,
): Promise<Scene> {
  const aspect = random.pick(ASPECTS)
  const width = Math.round(aspect < 1 ? SIDE * aspect : SIDE)
  const height = Math.round(aspect < 1 ? SIDE : SIDE / aspect)
  const kind = BACKGROUNDS[n % BACKGROUNDS.length]
  const scale = SCALES[n % SCALES.length]
  const layer = await placeSubject(subject, { width, height }, scale, random)
  const background = await drawBackground(kind, subject, others, { width, height }, random)
  const picture = new Uint8Array(width * height * 3)
  const alpha = new Uint8Array(width * height)
  for (let i = 0; i < alpha.length; i++) {
    const share = layer[i * 4 + 3] / 255
    alpha[i] = layer[i * 4 + 3]
    for (let c = 0; c < 3; c++)
      picture[i * 3 + c] = layer[i * 4 + c] * share + background[i * 3 + c] * (1 - share) + 0.5
  }
  return {
    name: `${subject.name} ${n}: ${kind}, ${scale}`,
    subject: subject.name,
    picture: { data: picture, width, height, channels: 3 },
    truth: { data: alpha, width, height },
  }
}

interface Size {
  width: number
  height: number
}

/** Draws the subject into an empty frame, at the sides that cut it in its photograph. uint8, [height, width, 4] */
async function placeSubject(
  { cutout, touches }: Subject,
  { width, height }: Size,
  scale: number,
  random: Random,
): Promise<Uint8Array> {
  const factor = (scale * Math.max(width, height)) / Math.max(cutout.width, cutout.height)
  const w = Math.max(8, Math.round(cutout.width * factor))
  const h = Math.max(8, Math.round(cutout.height * factor))
  const { data } = await sharp(cutout.data, {
    raw: { width: cutout.width, height: cutout.height, channels: 4 },
  })
    .resize(w, h, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  // One in five subjects goes on beyond the frame.
  const over = random.next() < 0.2 ? 0.3 : 0
  const place = (size: number, room: number, start: boolean, end: boolean) => {
    if (start) return 0
    if (end) return room - size
    return Math.round(-over * size + random.next() * (room - size + 2 * over * size))
  }
  const left = place(w, width, touches.has('left'), touches.has('right'))
  const top = place(h, height, touches.has('top'), touches.has('bottom'))
  const layer = new Uint8Array(width * height * 4)
  for (let y = Math.max(0, -top); y < Math.min(h, height - top); y++)
    for (let x = Math.max(0, -left); x < Math.min(w, width - left); x++)
      for (let c = 0; c < 4; c++) layer[((y + top) * width + x + left) * 4 + c] = data[(y * w + x) * 4 + c]
  return layer
}

/** uint8, [height, width, 3] */
async function drawBackground(
  kind: (typeof BACKGROUNDS)[number],
  subject: Subject,
  others: readonly Photograph[],
  { width, height }: Size,
  random: Random,
): Promise<Uint8Array> {
  if (kind === 'plain' || kind === 'alike') {
    const color = kind === 'plain' ? random.pick(COLORS) : averageColor(subject.cutout)
    return sharp({ create: { width, height, channels: 3, background: color } })
      .raw()
      .toBuffer()
  }
  const { raster, matte } = random.pick(others)
  const window = findEmptyWindow(raster, matte, width / height)
  const patch = sharp(raster.data, { raw: { width: raster.width, height: raster.height, channels: 3 } })
    .extract(window)
    .resize(width, height, { fit: 'fill' })
  return (kind === 'blurred' ? patch.blur(12) : patch).raw().toBuffer()
}

function averageColor({ data }: Raster) {
  const sums = [0, 0, 0, 0]
  for (let i = 0; i < data.length; i += 4) {
    sums[3] += data[i + 3]
    for (let c = 0; c < 3; c++) sums[c] += data[i + c] * data[i + 3]
  }
  const [r, g, b] = sums.map(sum => Math.round(sum / sums[3]))
  return { r, g, b }
}

/** Share of the photograph's side that a background takes at most. */
const WINDOW = 0.5
const STEPS = 8

/** Finds the part of a photograph in which its own subject shows least, px. */
function findEmptyWindow({ width, height }: Raster, matte: Matte, aspect: number) {
  const grid = shrinkMatte(matte, 64, 64)
  const h = Math.min(height * WINDOW, (width * WINDOW) / aspect)
  const w = h * aspect
  let best = { left: 0, top: 0, share: Number.POSITIVE_INFINITY }
  for (let i = 0; i <= STEPS; i++) {
    for (let j = 0; j <= STEPS; j++) {
      const left = ((width - w) * i) / STEPS
      const top = ((height - h) * j) / STEPS
      const share = sumWindow(grid, left / width, top / height, w / width, h / height)
      if (share < best.share) best = { left, top, share }
    }
  }
  return {
    left: Math.floor(best.left),
    top: Math.floor(best.top),
    width: Math.floor(w),
    height: Math.floor(h),
  }
}

/** Sum of alpha in a window whose place and size are shares of the frame. */
function sumWindow({ data, width, height }: Matte, left: number, top: number, w: number, h: number): number {
  let sum = 0
  for (let y = Math.floor(top * height); y < (top + h) * height && y < height; y++)
    for (let x = Math.floor(left * width); x < (left + w) * width && x < width; x++)
      sum += data[y * width + x]
  return sum
}
