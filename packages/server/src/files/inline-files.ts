import type { Outcome } from '../requests/request.ts'
import type { OpenedFile, TokenFileStore } from './token-file-store.ts'

/** A JSON text that is sent in pieces. */
interface OpenedText {
  /** Bytes of all pieces. */
  size: number
  pieces: AsyncIterable<Uint8Array>
}

/**
 * Opens the body of an outcome as JSON, with data URIs instead of the addresses of its files.
 *
 * @returns undefined if a file has expired
 */
export async function openInlineBody(
  { body, inline = {} }: Outcome,
  fileStore: Pick<TokenFileStore, 'open'>,
): Promise<OpenedText | undefined> {
  let rest = JSON.stringify(body)
  let size = 0
  const parts: (string | OpenedFile)[] = []
  const addText = (text: string) => {
    parts.push(text)
    size += Buffer.byteLength(text)
  }
  for (const [address, token] of Object.entries(inline)) {
    const [before, after] = splitOnce(rest, JSON.stringify(address).slice(1, -1))
    const file = await fileStore.open(token)
    if (!file) return undefined
    addText(`${before}data:${file.contentType};base64,`)
    parts.push(file)
    size += 4 * Math.ceil(file.size / 3)
    rest = after
  }
  addText(rest)
  return { size, pieces: encodeParts(parts) }
}

function splitOnce(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator)
  if (at < 0) throw new Error('Expected the address of a file in the outcome.')
  return [text.slice(0, at), text.slice(at + separator.length)]
}

async function* encodeParts(parts: readonly (string | OpenedFile)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (typeof part === 'string') yield Buffer.from(part)
    else yield* encodeBase64(part)
  }
}

/** Three bytes are four characters, so up to two bytes of a piece wait for the next. */
async function* encodeBase64({ body }: OpenedFile): AsyncGenerator<Uint8Array> {
  let left: Uint8Array = new Uint8Array()
  for await (const piece of body instanceof Uint8Array ? [body] : body) {
    const bytes = Buffer.concat([left, piece as Uint8Array])
    const whole = bytes.byteLength - (bytes.byteLength % 3)
    left = bytes.subarray(whole)
    yield Buffer.from(bytes.toString('base64', 0, whole))
  }
  yield Buffer.from(Buffer.from(left).toString('base64'))
}

/** Files of more bytes keep their addresses in a webhook, whose body is in memory as a whole. */
const MAX_POSTED = 8 * 2 ** 20

/** @returns the body of an outcome, with data URIs instead of the addresses of its files that are small enough and have not expired */
export async function inlineSmallFiles(
  { body, inline = {} }: Outcome,
  fileStore: Pick<TokenFileStore, 'measure' | 'get'>,
): Promise<unknown> {
  const uris = new Map<string, string>()
  for (const [address, token] of Object.entries(inline)) {
    if (((await fileStore.measure(token)) ?? Infinity) > MAX_POSTED) continue
    const file = await fileStore.get(token)
    if (file)
      uris.set(address, `data:${file.contentType};base64,${Buffer.from(file.bytes).toString('base64')}`)
  }
  if (uris.size === 0) return body
  return JSON.parse(JSON.stringify(body), (_, value) => uris.get(value) ?? value)
}
