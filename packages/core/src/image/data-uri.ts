import { abbreviate } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { type ReadLimits, refuseSize } from './limits.ts'

/** Longest media type with its parameters, in characters. */
const MAX_TYPE = 1024

/**
 * Returns the bytes of a `data:` URI, base64 or percent-encoded: uint8, [byteLength]. Ignores the media type.
 *
 * @throws {NobgError} INVALID_SOURCE if the URI is malformed
 * @throws {NobgError} SOURCE_TOO_LARGE
 * @see https://www.rfc-editor.org/rfc/rfc2397
 */
export function decodeDataUri(uri: string, { maxBytes }: Pick<ReadLimits, 'maxBytes'>): Uint8Array {
  const comma = uri.indexOf(',')
  if (comma < 0) throw malformed(uri, 'no comma before its data')
  if (comma > MAX_TYPE) throw malformed(uri, `more than ${MAX_TYPE} characters before its data`)
  const isBase64 = /;\s*base64\s*$/i.test(uri.slice(0, comma))
  const data = uri.slice(comma + 1)
  if (!isBase64) {
    // At least a third of the characters.
    refuseSize(Math.floor(data.length / 3), maxBytes, 'The data: URI')
    return unescapeBytes(data)
  }
  const base64 = data.includes('%') ? unescapeBytes(data).toString('latin1') : data
  refuseSize(Math.floor(base64.length * 0.75) - 2, maxBytes, 'The data: URI')
  if (!isBase64Text(base64)) throw malformed(uri, 'characters that are not base64')
  return Buffer.from(base64, 'base64')
}

/** Two expressions, each linear: a single one for text and padding would take quadratic time for white space. */
function isBase64Text(text: string): boolean {
  const padding = text.indexOf('=')
  const end = padding < 0 ? text.length : padding
  return /^[\w+/\s-]*$/.test(text.slice(0, end)) && /^[=\s]*$/.test(text.slice(end))
}

/** Converts `%xx` to one byte and other characters to UTF-8. */
function unescapeBytes(text: string): Buffer {
  const bytes = Buffer.from(text)
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    const high = bytes[i] === PERCENT ? (HEX[bytes[i + 1]] ?? -1) : -1
    const low = high < 0 ? -1 : (HEX[bytes[i + 2]] ?? -1)
    bytes[length++] = low < 0 ? bytes[i] : 16 * high + low
    if (low >= 0) i += 2
  }
  return bytes.subarray(0, length)
}

const PERCENT = 0x25
/** The value of each hexadecimal digit by its byte; -1 for other bytes. A table is 20 times as fast as an expression. */
const HEX = Int8Array.from({ length: 256 }, (_, byte) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase()),
)

function malformed(uri: string, fault: string): NobgError {
  return new NobgError(
    'INVALID_SOURCE',
    `Expected a data: URI, got a data: URI with ${fault}: ${abbreviate(uri, 80)}`,
    {
      hint: 'Write data:image/png;base64,… or data:image/svg+xml,… with percent-encoding.',
    },
  )
}
