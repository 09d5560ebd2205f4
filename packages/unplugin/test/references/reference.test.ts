import { joinWords } from '@nobg/core/internal'
import { describe, expect, test } from 'vitest'
import {
  MARKED_TEXT,
  parseReference,
  parseUrlReference,
  stripPostfix,
} from '../../src/references/reference.ts'

describe('parseReference', () => {
  test.for([
    ['./a.jpg?nobg', { path: './a.jpg', preset: undefined, query: '', fragment: '' }],
    ['./a.jpg?nobg=', { path: './a.jpg', preset: undefined, query: '' }],
    ['./a.jpg?nobg=portrait', { preset: 'portrait' }],
    ['./a.jpg?nobg=my%20preset', { preset: 'my preset' }],
    ['./a.jpg?nobg=100%', { preset: '100%' }],
    ['./a.jpg?w=400;800&nobg&format=webp&as=srcset', { query: 'w=400;800&format=webp&as=srcset' }],
    ['./a.jpg?model=portrait&nobg', { query: 'model=portrait' }],
    ['./a.jpg?nobg&v=2#x', { query: 'v=2', fragment: '#x' }],
    ['./a.jpg?nobg?crop&w=4', { path: './a.jpg', query: 'crop&w=4' }],
    ['./A.JPEG?nobg', { path: './A.JPEG' }],
    ['./a.jfif?nobg', { path: './a.jfif' }],
    ['./a.bmp?nobg', { path: './a.bmp' }],
    ['@/a.jpg?nobg', { path: '@/a.jpg' }],
    ['C:\\a.jpg?nobg', { path: 'C:\\a.jpg' }],
    ['./a#1.jpg?nobg', { path: './a#1.jpg', fragment: '' }],
    ['./what?.jpg?nobg', { path: './what?.jpg' }],
    ['./a.nobg.jpg', { path: './a.jpg', preset: undefined, sibling: true }],
    ['./a.nobg-general-light.jpg', { path: './a.jpg', preset: 'general-light', sibling: true }],
    ['./a.b.nobg-hero.png?url#x', { path: './a.b.png', preset: 'hero', query: 'url', fragment: '#x' }],
  ] as const)('%s', ([specifier, parts]) => {
    const { words = [], ...reference } = parseReference(specifier) ?? {}
    expect({ ...reference, query: joinWords(words) }).toMatchObject({ specifier, ...parts })
    expect(specifier).toMatch(MARKED_TEXT)
  })

  test.for([
    './a.jpg',
    './a.jpg?nobgx',
    './a.jpg?xnobg',
    './a.jpg?w=nobg',
    './a.js?nobg',
    './nobg.jpg',
    './a.nobg',
    'https://x.org/a.jpg?nobg',
    '//x.org/a.jpg?nobg',
    'data:image/png;base64,AA.jpg?nobg',
    'virtual:a.jpg?nobg',
    '\0a.jpg?nobg',
  ])('%j is no reference', specifier => expect(parseReference(specifier)).toBeUndefined())
})

test('a URL is decoded, a specifier is not', () => {
  expect(parseUrlReference('./my%20cat%23.jpg?nobg')?.path).toBe('./my cat#.jpg')
  expect(parseUrlReference('./100%.jpg?nobg')?.path).toBe('./100%.jpg')
  expect(parseReference('./my%20cat.jpg?nobg')?.path).toBe('./my%20cat.jpg')
})

test.for([
  ['/a.png', '/a.png'],
  ['/a.png?x#y', '/a.png'],
  ['/a.png#y?x', '/a.png'],
  ['/C#/a.png?x=/b#y', '/C#/a.png'],
  ['C:\\C#\\a.png', 'C:\\C#\\a.png'],
])('the path of %s is %s', ([id, path]) => expect(stripPostfix(id)).toBe(path))
