/**
 * Widens IEEE 754 binary16 to float32, exactly.
 *
 * @param view any view of 16-bit floats: ONNX Runtime returns a Float16Array if Node has this class, else a
 *   Uint16Array of bit patterns.
 * @returns float32, as many as the view holds
 */
export function decodeFloat16(view: ArrayBufferView): Float32Array {
  const bits = new Uint16Array(view.buffer, view.byteOffset, view.byteLength / 2)
  const floats = new Float32Array(bits.length)
  for (let i = 0; i < bits.length; i++) floats[i] = widen(bits[i])
  return floats
}

function widen(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
