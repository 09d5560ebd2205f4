import { expect, test } from 'vitest'
import { decodeDataUri } from '../src/image/data-uri.ts'
import { listMirrors } from '../src/models/mirrors.ts'
import { models } from '../src/models/table.ts'
import { parseColor } from '../src/options/color.ts'
import { parseCrop } from '../src/options/crop.ts'
import { parseOptions } from '../src/options/parse.ts'
import { sortWords, splitQuery } from '../src/options/query.ts'
import { nameSource, safeFileName, toDisplayName } from '../src/shared/names.ts'
import { measureGrowth } from './support/measure-growth.ts'

const [model] = models.filter(({ urls }) => urls.length > 0)
const unlimited = { maxBytes: Number.POSITIVE_INFINITY }
const decode = (uri: string) => decodeDataUri(uri, unlimited)
const repeat = (part: string, length: number) => part.repeat(length / part.length)

type Make = (length: number) => string

const readers: [what: string, make: Make, read: (input: string) => unknown][] = [
  ['a color of digits', n => `rgb(${repeat('1', n)}%)`, parseColor],
  ['a color of blanks', n => `rgb(${repeat(' ', n)}x`, parseColor],
  ['a margin of digits', n => `${repeat('1', n)}y`, parseCrop],
  [
    'a resolution of digits',
    n => `${repeat('1', n)}y`,
    side => parseOptions({ operatingResolution: side as '1' }),
  ],
  ['a query of one word', n => repeat('a', n), query => sortWords(splitQuery(query))],
  ['a query of many words', n => repeat('a=1&', n), query => sortWords(splitQuery(query))],
  ['a data: URI of blanks', n => `data:image/png;base64,A${repeat(' ', n)}!`, decode],
  ['a data: URI of equals signs', n => `data:image/png;base64,${repeat('=', n)}!`, decode],
  ['a data: URI whose type is blanks', n => `data:;${repeat(' ', n)}x,A`, decode],
  ['a data: URI of escapes', n => `data:,${repeat('%41', n)}`, decode],
  [
    "a mirror's address of slashes",
    n => `http://mirror.test${repeat('/', n)}a`,
    url => listMirrors(model, url),
  ],
  ...['.', ' ', '-', '.-', 'a.', '_', '"'].flatMap((part): typeof readers => [
    [`a source's name of '${part}'`, n => `a${repeat(part, n)}b.jpg`, nameSource],
    [`a file name of '${part}'`, n => `a${repeat(part, n)}b`, safeFileName],
    [`a display name of '${part}'`, n => `a${repeat(part, n)}b`, name => toDisplayName(name, 'file')],
  ]),
]

test.each(readers)('%s takes time in proportion to its length', (_, make, read) => {
  expect(measureGrowth(make, read)).toBeLessThan(11)
})

test('the error for a long color has the maximum length', () => {
  const longest = `color(display-p3 ${'0.123456789 '.repeat(3)}/ 0.123456789)`
  expect(parseColor(longest)).toMatch(/^#[\da-f]{8}$/)
  expect(() => parseColor(`rgb(${'1'.repeat(5000)}%)`)).toThrow('at most 128 characters, got 5006')
  expect(() => parseOptions({ backgroundColor: '1'.repeat(5000) })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(/^.{1,250}$/) }),
  )
})
