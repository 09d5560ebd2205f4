import type { OutputInfo, Sharp } from 'sharp'

/**
 * Runs a pipeline: its bytes, uint8, [byteLength], in an ArrayBuffer of their own that can be transferred to a worker.
 */
export async function readOutput(image: Sharp): Promise<{ data: Uint8Array; info: OutputInfo }> {
  // sharp's toUint8Array() copies as well, but 0.35.5 never frees what it copied from: 48 MB for 12 megapixels of RGBA.
  const { data, info } = await image.toBuffer({ resolveWithObject: true })
  return { data: new Uint8Array(data), info }
}
