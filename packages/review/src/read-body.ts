import { HttpError } from './respond.ts'

/**
 * Reads the body of a request.
 *
 * @returns uint8, [byteLength]
 * @throws {HttpError} 413 if the body is larger than `maxBytes`, 415 if it has another type
 */
export async function readBody(request: Request, type: string, maxBytes: number): Promise<Uint8Array> {
  const given = request.headers.get('content-type') ?? 'none'
  if (given.split(';')[0].trim().toLowerCase() !== type) {
    throw new HttpError(415, `Expected a body of the type ${type}, got ${given.slice(0, 100)}.`)
  }
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of request.body ?? []) {
    bytes += part.byteLength
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function tooLarge(maxBytes: number): HttpError {
  return new HttpError(413, `Expected a body of at most ${maxBytes} bytes, got a larger one.`)
}
