import { createHash } from 'node:crypto'
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import sharp from 'sharp'
import { afterAll, describe, expect, it, test } from 'vitest'
import { decodeDataUri } from '../../src/image/data-uri.ts'
import { decodeImage } from '../../src/image/decode.ts'
import type { DigestMemo } from '../../src/image/file-source.ts'
import { createSourceReader, readSource } from '../../src/image/source.ts'
import type { ImageInput } from '../../src/shared/types.ts'

const dir = mkdtempSync(join(tmpdir(), 'nobg-source-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const path = join(dir, 'Katze & Hund.png')
const bytes = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
  .png()
  .toBuffer()
const digest = createHash('sha256').update(bytes).digest('hex')
writeFileSync(path, bytes)
mkdirSync(join(dir, 'folder.png'))
writeFileSync(join(dir, 'empty.png'), '')

const share = (): Uint8Array => {
  const view = new Uint8Array(new SharedArrayBuffer(bytes.length + 20), 20)
  view.set(bytes)
  return view
}

describe('every kind of image gives the same digest and bytes', () => {
  const kinds: [kind: string, input: () => ImageInput, name: string][] = [
    ['path', () => path, 'Katze-Hund'],
    ['relative path', () => relative(process.cwd(), path), 'Katze-Hund'],
    ['file: URL', () => pathToFileURL(path), 'Katze-Hund'],
    ['file: URL as a string', () => pathToFileURL(path).href, 'Katze-Hund'],
    ['data: URI', () => `data:image/png;base64,${bytes.toString('base64')}`, 'image'],
    ['data: URL object', () => new URL(`data:image/png;base64,${bytes.toString('base64')}`), 'image'],
    ['percent-encoded data: URI', () => `data:,${bytes.toString('hex').replace(/../g, '%$&')}`, 'image'],
    ['Buffer', () => bytes, 'image'],
    ['Uint8Array', () => new Uint8Array(bytes), 'image'],
    ['a view into a larger array', () => new Uint8Array([1, 2, ...bytes, 3]).subarray(2, -1), 'image'],
    ['ArrayBuffer', () => new Uint8Array(bytes).buffer, 'image'],
    ['shared memory', share, 'image'],
    ['SharedArrayBuffer', () => Uint8Array.from(share()).buffer, 'image'],
    ['Blob', () => new Blob([new Uint8Array(bytes)]), 'image'],
    ['File', () => new File([new Uint8Array(bytes)], 'from/a form.png'), 'a-form'],
    ['web stream', () => new Blob([new Uint8Array(bytes)]).stream(), 'image'],
    ['Node stream', () => createReadStream(path, { highWaterMark: 16 }), 'image'],
    ['stream from an iterable', () => Readable.from([bytes.subarray(0, 9), bytes.subarray(9)]), 'image'],
  ]
  test.each(kinds)('%s', async (_, input, name) => {
    const source = await readSource(input())
    expect(source).toMatchObject({ digest, name })
    expect(Buffer.compare(await source.bytes(), bytes)).toBe(0)
    expect(await decodeImage(await source.bytes())).toMatchObject({ width: 40, height: 30 })
  })

  it('has a path only for a file', async () => {
    expect((await readSource(relative(process.cwd(), path))).path).toBe(path)
    expect((await readSource(bytes)).path).toBeUndefined()
  })
})

describe('refuses invalid input', () => {
  const refused: [what: string, input: unknown, code: string][] = [
    ['an empty string', '', 'INVALID_SOURCE'],
    ['a number', 7, 'INVALID_SOURCE'],
    ['null', null, 'INVALID_SOURCE'],
    ['undefined', undefined, 'INVALID_SOURCE'],
    ['an object', { path }, 'INVALID_SOURCE'],
    ['an array', [...bytes], 'INVALID_SOURCE'],
    ['another scheme', 's3://bucket/cat.png', 'INVALID_SOURCE'],
    ['a malformed URL', 'http://', 'INVALID_SOURCE'],
    ['a file: URL with an escaped slash', 'file:///a%2fb.png', 'INVALID_SOURCE'],
    ['an empty array', new Uint8Array(), 'INVALID_SOURCE'],
    ['an empty blob', new Blob([]), 'INVALID_SOURCE'],
    ['an empty stream', Readable.from([]), 'INVALID_SOURCE'],
    ['an empty data: URI', 'data:image/png;base64,', 'INVALID_SOURCE'],
    ['an empty file', join(dir, 'empty.png'), 'INVALID_SOURCE'],
    ['a missing file', join(dir, 'missing.png'), 'SOURCE_NOT_FOUND'],
    ['a file under a file', join(path, 'x.png'), 'SOURCE_NOT_FOUND'],
    ['a path with a null byte', `${path}\0.png`, 'SOURCE_NOT_FOUND'],
    ['a directory', join(dir, 'folder.png'), 'SOURCE_NOT_FOUND'],
    ['a device', '/dev/null', 'SOURCE_NOT_FOUND'],
  ]
  test.each(refused)('%s', async (_, input, code) => {
    await expect(readSource(input as ImageInput)).rejects.toMatchObject({
      name: 'NobgError',
      code,
      message: expect.stringMatching(/^Expected .*, (got|but) /),
      hint: expect.any(String),
    })
  })
})

describe('limits', () => {
  const inputs: [kind: string, input: () => ImageInput][] = [
    ['path', () => path],
    ['data: URI', () => `data:image/png;base64,${bytes.toString('base64')}`],
    ['Buffer', () => bytes],
    ['Blob', () => new Blob([new Uint8Array(bytes)])],
    ['Node stream', () => createReadStream(path)],
    ['web stream', () => new Blob([new Uint8Array(bytes)]).stream()],
  ]
  test.each(inputs)('maxBytes bounds a %s', async (_, input) => {
    expect(await readSource(input(), { maxBytes: bytes.length })).toMatchObject({ digest })
    await expect(readSource(input(), { maxBytes: bytes.length - 1 })).rejects.toMatchObject({
      code: 'SOURCE_TOO_LARGE',
      hint: expect.stringContaining('maxBytes'),
    })
  })

  test.each(inputs)('an aborted signal stops a %s', async (_, input) => {
    const signal = AbortSignal.abort(new Error('enough'))
    const failure = expect.objectContaining({
      code: 'ABORTED',
      cause: expect.objectContaining({ message: 'enough' }),
    })
    await expect(readSource(input(), { signal })).rejects.toEqual(failure)
  })
})

describe('the memo of digests', () => {
  const past = new Date('2020-01-01')
  /** File systems stamp the change of a file themselves, so a settled file takes waiting. */
  async function writeSettled(name: string, content: Buffer): Promise<string> {
    const file = join(dir, name)
    writeFileSync(file, content)
    utimesSync(file, past, past)
    await setTimeout(2100)
    return file
  }

  test('hashes an unchanged file once, and a changed one again, even with equal size and mtime', async () => {
    const file = await writeSettled('a.png', bytes)
    const digests: DigestMemo = new Map()
    const first = await readSource(file, { digests })
    expect(digests.size).toBe(1)
    // The wrong entry shows that the digest comes from memory.
    const identity = digests.get(file)?.identity ?? ''
    digests.set(file, { identity, digest: 'remembered' })
    expect((await readSource(file, { digests })).digest).toBe('remembered')

    const other = Buffer.from(bytes)
    other[other.length - 1] ^= 1
    writeFileSync(file, other)
    utimesSync(file, past, past)
    expect(statSync(file).size).toBe(bytes.length)
    expect((await readSource(file, { digests })).digest).toBe(
      createHash('sha256').update(other).digest('hex'),
    )
    await expect(first.bytes()).rejects.toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining('changed'),
    })
  })

  test('does not remember a file that was just written', async () => {
    const digests: DigestMemo = new Map()
    const file = join(dir, 'fresh.png')
    writeFileSync(file, bytes)
    await readSource(file, { digests })
    expect(digests.size).toBe(0)
  })

  test('returns the bytes of the digest, or rejects', async () => {
    const file = join(dir, 'b.png')
    writeFileSync(file, bytes)
    const read = createSourceReader()
    const source = await read(file)
    expect(Buffer.compare(await source.bytes(), bytes)).toBe(0)
    // Another file with the same content at the same path has the same digest.
    writeFileSync(`${file}.new`, bytes)
    await rename(`${file}.new`, file)
    expect(Buffer.compare(await source.bytes(), bytes)).toBe(0)
    writeFileSync(file, 'something else')
    await expect(source.bytes()).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
    rmSync(file)
    await expect(source.bytes()).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
  })

  test('applies its limits to each image', async () => {
    const read = createSourceReader({ maxBytes: 10 })
    await expect(read(path)).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' })
    await expect(read(bytes, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

describe('a string that is no reference', () => {
  const base64 = bytes.toString('base64')
  test.each([
    ['base64', base64],
    ['base64 in lines', base64.replace(/.{76}/g, '$&\n')],
    ['base64 of the URL alphabet', bytes.toString('base64url')],
    ['base64 of a photograph', `/9j/${'4AAQSkZJRgABAQ'.repeat(100_000)}`],
  ])('%s: the hint asks for a data: URI, and the message does not repeat the image', async (_, text) => {
    const error = await readSource(text).catch(error => error)
    expect(error).toMatchObject({
      code: 'INVALID_SOURCE',
      hint: expect.stringContaining('data:image/png;base64,'),
    })
    expect(inspect(error).length).toBeLessThan(3000)
  })

  test('markup: the hint asks for a data: URI of an SVG', async () => {
    const error = await readSource(`<svg>${'<path d="M0 0 h1"/>'.repeat(10_000)}</svg>`).catch(error => error)
    expect(error).toMatchObject({ code: 'INVALID_SOURCE', hint: expect.stringContaining('image/svg+xml') })
    expect(inspect(error).length).toBeLessThan(3000)
  })

  test('reports a path of any length without a cause', async () => {
    const error = await readSource(`/${'folder with.dots/'.repeat(10_000)}`).catch(error => error)
    expect(error.code).toBe('SOURCE_NOT_FOUND')
    expect(inspect(error).length).toBeLessThan(5000)
  })

  test.each([
    'blob:nodedata:0f6cd7fd',
    'blob:http://localhost/0f6c',
    'about:blank',
    'urn:isbn:1',
    's3://a/b.jpg',
    'content:a.jpg',
  ])('%s: the message names the scheme', async reference => {
    await expect(readSource(reference)).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringContaining(`a ${reference.split(':')[0]}: URL`),
    })
  })

  test.skipIf(process.platform === 'win32')('a file whose name looks like a URL is a file', async () => {
    const odd = join(dir, 'photo:1.png')
    writeFileSync(odd, bytes)
    const cwd = process.cwd()
    expect((await readSource(relative(cwd, odd))).digest).toBe(digest)
  })

  test('reads bad base64 in linear time', () => {
    const time = (length: number) => {
      const started = performance.now()
      expect(() => decodeDataUri(`data:;base64,${' '.repeat(length)}.`, { maxBytes: 1e9 })).toThrow('base64')
      return performance.now() - started
    }
    time(1000)
    expect(time(400_000)).toBeLessThan(time(20_000) * 200 + 50)
  })
})
