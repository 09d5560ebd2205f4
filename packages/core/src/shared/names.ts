/** Whether Windows opens a device under this name, whatever its extension. */
export function isDeviceName(name: string): boolean {
  return /^(con|prn|aux|nul|(com|lpt)[\d¹²³])(\.|$)/i.test(name)
}

/** Returns the longest start of a name within both limits: bytes of UTF-8, and UTF-16 code units. Splits no character. */
export function shortenName(name: string, maxBytes: number, maxLength = Number.POSITIVE_INFINITY): string {
  let short = ''
  let bytes = 0
  for (const character of name) {
    bytes += Buffer.byteLength(character)
    if (bytes > maxBytes || short.length + character.length > maxLength) break
    short += character
  }
  return short
}

/** Removes characters from both ends: a leading dot hides a file, and Windows removes a trailing dot. */
export function trimName(name: string, characters: string): string {
  let start = 0
  let end = name.length
  while (start < end && characters.includes(name[start])) start++
  while (end > start && characters.includes(name[end - 1])) end--
  return name.slice(start, end)
}
