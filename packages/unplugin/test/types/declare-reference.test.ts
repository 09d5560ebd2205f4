import { expect, test } from 'vitest'
import { parseReference } from '../../src/references/reference.ts'
import { declareReference, endOf } from '../../src/types/declare-reference.ts'

const types = { picture: 'Picture', vite: true }

function declare(specifier: string, host = types) {
  const reference = parseReference(specifier)
  if (!reference) throw new Error(`expected a marked reference, got ${specifier}`)
  return declareReference(reference, host)
}

test.for([
  ['./a.jpg?nobg&model=portrait', '?nobg&model=portrait', 'Picture'],
  [
    '@/dir/a.b.jpg?model=portrait&crop=5%&nobg=hero#part',
    '?model=portrait&crop=5%&nobg=hero#part',
    'Picture',
  ],
  ['./a.jpg?crop?nobg', '?crop?nobg', 'Picture'],
  ['./a.nobg.jpg', '.nobg.jpg', 'Picture'],
  ['./a.b.nobg-hero.jpg?w=400', '.nobg-hero.jpg?w=400', 'Picture'],
  ['./a.jpg?nobg&w=400&format=webp', '?nobg&w=400&format=webp', 'Picture'],
  ['./a.jpg?nobg&w=400;800', '?nobg&w=400;800', 'Picture[]'],
  ['./a.jpg?nobg&url', '?nobg&url', 'string'],
  ['./a.jpg?inline&nobg&crop', '?inline&nobg&crop', 'string'],
  ['./a.jpg?nobg&w=400;800&as=srcset', '?nobg&w=400;800&as=srcset', 'string'],
  ['./a.jpg?nobg&as=picture', '?nobg&as=picture', 'import("vite-imagetools").Picture'],
  ['./a.jpg?nobg&as=img', '?nobg&as=img', 'import("vite-imagetools").Img'],
  ['./a.jpg?enhanced&nobg', '?enhanced&nobg', 'import("@sveltejs/enhanced-img").Picture'],
] as const)('%s is declared as *%s with the type %s', ([specifier, end, type]) => {
  expect(declare(specifier)).toEqual([end, type])
})

test.for([
  './a.jpg?nobg&as=metadata',
  './a.jpg?nobg&as=constructor',
  './a.jpg?nobg&as=*',
  './a.jpg?nobg&b=\\x',
])('%s is not declared', specifier => {
  expect(declare(specifier)).toBeUndefined()
})

test('a host without the words of Vite has one type', () => {
  expect(declare('./a.jpg?nobg&url&w=1;2', { picture: 'Image', vite: false })?.[1]).toBe('Image')
})

test('the end of a reference contains no folder', () => {
  const reference = parseReference('../my.nobg-photos/a.jpg?nobg')
  expect(reference && endOf(reference)).toBe('?nobg')
})
