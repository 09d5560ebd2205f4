/**
 * Widens IEEE 754 binary16 to float32. ONNX Runtime hands such tensors out as bit patterns (Uint16Array) or, where the
 * Node of the day has it, as Float16Array: both are read as bits.
 */
export function decodeFloat16(view: ArrayBufferView): Float32Array {
  const bits = new Uint16Array(view.buffer, view.byteOffset, view.byteLength / 2)
  return Float32Array.from(bits, widen)
}

function widen(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
