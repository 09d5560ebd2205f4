import sharp from 'sharp'

/** A picture of 256 colours and hard edges, as GIF has it: uint8, [byteLength]. */
export async function encodeGif<Shape extends { data: Uint8Array; width: number; height: number }>(
  picture: Shape,
) {
  const data = await sharp(picture.data).gif().toBuffer()
  return { ...picture, data: new Uint8Array(data), format: 'gif', contentType: 'image/gif' }
}
