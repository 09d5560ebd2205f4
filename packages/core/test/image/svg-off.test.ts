import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { decodeImage } from '../../src/image/decode.ts'

const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="6"><rect width="8" height="6" fill="red"/></svg>'
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')

const files: [what: string, bytes: Buffer][] = [
  ['plain', Buffer.from(svg)],
  ['with a declaration', Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE svg>\n${svg}`)],
  ['in ISO-8859-1', Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${svg}`)],
  ['after a byte order mark and white space', Buffer.from(`\ufeff${svg}`)],
  ['after white space', Buffer.from(`\n  ${svg}`)],
  ['after a comment', Buffer.from(`<!-- drawing -->${svg}`)],
  ['in UTF-16', utf16(svg)],
  ['in gzip', gzipSync(svg)],
]

test.each(files)('an SVG %s is refused if SVG is off, and decoded otherwise', async (_, bytes) => {
  await expect(decodeImage(bytes, { svg: false })).rejects.toMatchObject({
    code: 'UNSUPPORTED_FORMAT',
    message: expect.stringContaining('got SVG'),
  })
  expect(await decodeImage(bytes).catch(error => error.code)).toMatchObject({ width: 8, height: 6 })
})

test('white space longer than the head hides no SVG', async () => {
  const bytes = Buffer.from(`${' '.repeat(900)}${svg}`)
  await expect(decodeImage(bytes, { svg: false })).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT' })
})

test.each(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const)(
  '%s is decoded if SVG is off',
  async format => {
    const bytes = await sharp(Buffer.from(svg)).flatten().toFormat(format).toBuffer()
    expect(await decodeImage(bytes, { svg: false })).toMatchObject({ width: 8, height: 6 })
  },
)
