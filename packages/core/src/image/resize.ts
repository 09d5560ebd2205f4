import sharp from 'sharp'
import type { Raster } from '../types.ts'

/**
 * Scales a raster to a network's input: uint8, [height, width, 3], sRGB, stretched without regard to the aspect ratio.
 * Bilinear with antialiasing, as in the models' reference preprocessing (Pillow, torchvision). Alpha is left out, and the
 * colours under it count as they are.
 */
export async function resizeForModel(raster: Raster, width: number, height: number): Promise<Raster> {
  const { data, info } = await sharp(opaqueColors(raster), {
    raw: { width: raster.width, height: raster.height, channels: 3 },
  })
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toUint8Array()
  return { data, width: info.width, height: info.height, channels: 3 }
}

/** sharp would weigh the colours by their alpha when it scales four channels. */
function opaqueColors({ data, channels }: Raster): Uint8Array {
  if (channels === 3) return data
  const colors = new Uint8Array((data.length / 4) * 3)
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    colors[to] = data[from]
    colors[to + 1] = data[from + 1]
    colors[to + 2] = data[from + 2]
  }
  return colors
}
