let widened: Float32Array | undefined

/**
 * Widens IEEE 754 binary16 to float32, exactly.
 *
 * @param bits bit patterns
 * @returns as many numbers
 */
export function widenFloat16(bits: Uint16Array): Float32Array {
  widened ??= Float32Array.from({ length: 1 << 16 }, (_, pattern) => widen(pattern))
  const floats = new Float32Array(bits.length)
  for (let i = 0; i < bits.length; i++) floats[i] = widened[bits[i]]
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
