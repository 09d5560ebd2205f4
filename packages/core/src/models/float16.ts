/**
 * Widens IEEE 754 binary16 to float32, exactly.
 *
 * @param view any view of 16-bit floats: ONNX Runtime returns a Float16Array if Node has this class, else a
 *   Uint16Array of bit patterns.
 * @returns float32, as many as the view holds
 */
export async function decodeFloat16(view: ArrayBufferView): Promise<Float32Array> {
  // Only here, because most networks return float32.
  const { widenFloat16 } = await import('@nobg/onnx-optimizer')
  return widenFloat16(new Uint16Array(view.buffer, view.byteOffset, view.byteLength / 2))
}
