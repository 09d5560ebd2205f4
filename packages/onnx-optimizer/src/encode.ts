/** One protobuf field: a whole number as a varint; bytes and text with their length before them. */
export function encodeField(number: number, value: number | string | Uint8Array): Buffer {
  if (typeof value === 'number') return Buffer.concat([encodeVarint(number * 8), encodeVarint(value)])
  const bytes = Buffer.from(value)
  return Buffer.concat([encodeHead(number, bytes.length), bytes])
}

/** What stands before a body of this many bytes. */
export function encodeHead(number: number, bytes: number): Buffer {
  return Buffer.concat([encodeVarint(number * 8 + 2), encodeVarint(bytes)])
}

/** @param value a whole number, not negative, below 2⁵³ */
function encodeVarint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
  return Buffer.from([...bytes, value])
}
