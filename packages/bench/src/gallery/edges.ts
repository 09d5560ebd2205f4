import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { drawSheet, type Panel } from './draw-sheet.ts'
import type { Crop } from './photographs.ts'

/** px of a panel */
const WIDTH = 300
const HEIGHT = 240

/** A cutout and the library that made it. */
export interface NamedCut {
  title: string
  bytes: Buffer
}

/** Draws the same part of the photograph and of each cutout, as a WebP file. */
export async function drawEdges(file: string, crop: Crop, cuts: readonly NamedCut[]): Promise<Buffer> {
  const { width, height } = await sharp(file).metadata()
  const draw = async (label: string, picture: Buffer, background: string): Promise<Panel> => ({
    label,
    picture: await enlarge(picture, width, height, crop),
    background,
  })
  const panels = await Promise.all([
    draw('photograph', await readFile(file), 'white'),
    ...cuts.map(({ title, bytes }) => draw(title, bytes, crop.background)),
  ])
  const sheet = await drawSheet(panels, WIDTH, 2)
  return sheet.webp({ quality: 82 }).toBuffer()
}

/** A part of a picture, each pixel as a square. */
async function enlarge(picture: Buffer, width: number, height: number, crop: Crop): Promise<Buffer> {
  const { left, top, percent } = crop
  const whole = await sharp(picture).resize(width, height, { fit: 'fill' }).png().toBuffer()
  const size = { width: Math.round((WIDTH * 100) / percent), height: Math.round((HEIGHT * 100) / percent) }
  return sharp(whole)
    .extract({ left, top, ...size })
    .resize(WIDTH, HEIGHT, { kernel: 'nearest', fit: 'fill' })
    .png()
    .toBuffer()
}
