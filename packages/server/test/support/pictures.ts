import { join } from 'node:path'
import sharp from 'sharp'

/** A photograph of 600 × 400 px. */
export const coffee = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')

/** @returns a small photograph of a cup in a format */
export function drawCup(format: 'png' | 'jpeg' = 'png', orientation = 1): Promise<Buffer> {
  return sharp(coffee).resize(150, 100).withMetadata({ orientation }).toFormat(format).toBuffer()
}

export async function toDataUri(bytes: Buffer | Promise<Buffer>, type = 'image/png'): Promise<string> {
  return `data:${type};base64,${(await bytes).toString('base64')}`
}

/** Fetches a file of a result without a key. */
export interface ResultFile {
  url: string
  content_type: string
  file_name: string
  file_size: number
  width: number
  height: number
}

/** Pixels of a result's file: uint8, [height, width, channels]. */
export async function readPixels({ url }: ResultFile) {
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer())
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
  return { bytes, data, ...info }
}
