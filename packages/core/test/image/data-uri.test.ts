import { describe, expect, test } from 'vitest'
import { decodeDataUri } from '../../src/image/data-uri.ts'

const unlimited = { maxBytes: Number.POSITIVE_INFINITY }

test.each([
  ['data:image/png;base64,AP+A', [0, 255, 128]],
  ['DATA:image/png;charset=x;BASE64,AP+A', [0, 255, 128]],
  ['data:;base64,AP%2BA', [0, 255, 128]],
  ['data:;base64,AP-A', [0, 255, 128]],
  ['data:;base64,AA==', [0]],
  ['data:;base64,AA%3D%3D', [0]],
  ['data:;base64,AP\n +A', [0, 255, 128]],
  ['data:image/svg+xml,%3Csvg%20/>', [...Buffer.from('<svg />')]],
  ['data:,%00%ff%80', [0, 255, 128]],
  ['data:,é', [0xc3, 0xa9]],
  ['data:,100%,%4', [...Buffer.from('100%,%4')]],
  ['data:,a,b', [...Buffer.from('a,b')]],
  ['data:,', []],
])('%s', (uri, bytes) => {
  expect([...decodeDataUri(uri, unlimited)]).toEqual(bytes)
})

describe('faults', () => {
  test.each(['data:image/png;base64', 'data:;base64,<html>', 'data:;base64,AA==AA'])(
    '%s is INVALID_SOURCE',
    uri => {
      expect(() => decodeDataUri(uri, unlimited)).toThrow(expect.objectContaining({ code: 'INVALID_SOURCE' }))
    },
  )

  test('abbreviates a long URI in the message', () => {
    const uri = `data:image/png;base64,${'<'.repeat(5000)}`
    expect(() => decodeDataUri(uri, unlimited)).toThrow(/^.{60,200}… \(5022 characters\)$/)
  })

  test('refuses a media type that is too long', () => {
    const uri = `data:image/png;${'a=b;'.repeat(300)}base64,AAAA`
    expect(() => decodeDataUri(uri, unlimited)).toThrow(/more than 1024 characters before its data/)
  })

  test('refuses too many percent-encoded bytes before decoding', () => {
    const uri = `data:,${'%41'.repeat(3000)}`
    expect(() => decodeDataUri(uri, { maxBytes: 2000 })).toThrow(
      expect.objectContaining({ code: 'SOURCE_TOO_LARGE' }),
    )
    expect(decodeDataUri(uri, { maxBytes: 3000 })).toHaveLength(3000)
  })

  test('refuses too many bytes before decoding', () => {
    const uri = `data:;base64,${'A'.repeat(4000)}`
    expect(() => decodeDataUri(uri, { maxBytes: 2000 })).toThrow(
      expect.objectContaining({ code: 'SOURCE_TOO_LARGE' }),
    )
    expect(decodeDataUri(uri, { maxBytes: 3000 })).toHaveLength(3000)
  })
})
