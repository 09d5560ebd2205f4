import type { Matte, Raster } from '@nobg/core'
import sharp, { type Sharp } from 'sharp'

/**
 * Encodes pixels as an uncompressed PNG, the input of the returned sharp instance. An instance that exists before the size of its
 * picture is known takes only files. PNG costs no more than uncompressed TIFF, and makes png the default output format.
 */
export function encodePng(image: Raster | Matte): Promise<Buffer> {
  const { data, width, height } = image
  if ('channels' in image) return encode(sharp(data, { raw: { width, height, channels: image.channels } }))
  return encode(sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w'))
}

function encode(image: Sharp): Promise<Buffer> {
  return image.png({ compressionLevel: 0, adaptiveFiltering: false, palette: false }).toBuffer()
}
