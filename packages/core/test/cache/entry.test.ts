import { describe, expect, it } from 'vitest'
import { type CacheEntry, decodeEntry, encodeEntry } from '../../src/cache/entry.ts'

const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value)
const entry: CacheEntry = {
  bytes: everyByte,
  fileName: 'chât "noir"\n.png',
  meta: { width: 3, lossless: true, contentType: 'image/png' },
}
const text = encodeEntry(entry)

describe('encodeEntry and decodeEntry', () => {
  it.each([
    ['every byte', everyByte],
    ['no bytes', new Uint8Array()],
    ['a view into a larger buffer', everyByte.subarray(7, 12)],
    ['one byte past a base64 group', everyByte.subarray(0, 4)],
  ])('round-trip %s', (_, bytes) => {
    expect(decodeEntry(encodeEntry({ ...entry, bytes }))).toEqual({ ...entry, bytes: Uint8Array.from(bytes) })
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
    ['other text', 'hello'],
    ['an object', { value: text }],
    ['the magic alone', 'nobg-entry-1\n'],
    ['a layout of another version', text.replace('entry-1', 'entry-2')],
    ['a text cut short', text.slice(0, -4)],
    ['a text cut in the header', text.slice(0, 30)],
    ['a header that is no JSON', text.replace('{', '[')],
    ['a header without meta', text.replace('"meta"', '"mata"')],
    ['another length', text.replace('"byteLength":256', '"byteLength":255')],
    ['an altered byte', text.replace('AAEC', 'AAED')],
    ['an altered digest', text.replace(/"sha256":"./, '"sha256":"g')],
  ])('treat %s as a miss', (_, stored) => {
    expect(decodeEntry(stored)).toBeUndefined()
  })
})
