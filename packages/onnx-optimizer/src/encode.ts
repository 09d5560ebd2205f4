/** Encodes a protobuf field: a whole number as a varint; bytes and text after their length. */
export function encodeField(number: number, value: number | string | Uint8Array): Buffer {
  if (typeof value === 'number') return Buffer.concat([encodeVarint(number * 8), encodeVarint(value)])
  const bytes = Buffer.from(value)
  return Buffer.concat([encodeHead(number, bytes.length), bytes])
}

/** Encodes the tag and the length before a body of this many bytes. */
export function encodeHead(number: number, bytes: number): Buffer {
  return Buffer.concat([encodeVarint(number * 8 + 2), encodeVarint(bytes)])
}

/** @param value a whole number from 0 to 2⁵³ − 1 */
function encodeVarint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
  return Buffer.from([...bytes, value])
}
