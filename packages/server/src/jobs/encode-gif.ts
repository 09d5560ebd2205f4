import sharp from 'sharp'

/** Converts a picture to GIF, which has 256 colors and no partial transparency. @returns `data`: uint8, [byteLength] */
export async function encodeGif<Shape extends { data: Uint8Array; width: number; height: number }>(
  picture: Shape,
) {
  const data = await sharp(picture.data).gif().toBuffer()
  return { ...picture, data: new Uint8Array(data), format: 'gif', contentType: 'image/gif' }
}
