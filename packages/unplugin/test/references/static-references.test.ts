import { expect, test } from 'vitest'
import { findStaticReferences } from '../../src/references/static-references.ts'

const served = new Set(['ada.jpg', 'pics/ada.jpg', 'pics/a b.jpg', 'pics/real.nobg.jpg', 'a,b.jpg'])

test.for([
  ['a string', '"/ada.jpg?nobg"', '/ada.jpg?nobg'],
  ['a preset and other words', '"/pics/ada.jpg?w=400&nobg=hero"', '/pics/ada.jpg?w=400&nobg=hero'],
  ['a relative path', "'./pics/ada.jpg?nobg'", './pics/ada.jpg?nobg'],
  ['an escaped path', '"/pics/a%20b.jpg?nobg"', '/pics/a%20b.jpg?nobg'],
  ['HTML in a string', '"<img src=\\"/ada.jpg?nobg\\">"', '/ada.jpg?nobg'],
  ['JSON with escapes', '"\\/pics\\/ada.jpg?a\\u0026nobg"', '/pics/ada.jpg?a&nobg'],
  ['a srcset', '"/x.jpg 1x,/ada.jpg?nobg 2x"', '/ada.jpg?nobg'],
  ['a comma in a name', '"/a,b.jpg?nobg"', '/a,b.jpg?nobg'],
  ['a file that is not served', '"/other.jpg?nobg"', undefined],
  ['a folder that is not the same', '"/docs/pics2/ada.jpg?nobg"', undefined],
  ['prose', '"write ?nobg behind it, or a.nobg.jpg"', undefined],
  ['a URL of another site', '"https://example.com/ada.jpg?nobg"', undefined],
  ['a real file with the name of a sibling', '"/pics/real.nobg.jpg"', undefined],
] as const)('%s in a script', ([, text, reference]) => {
  expect(findStaticReferences([{ fileName: 'main.js', text }], path => served.has(path))).toEqual(
    reference ? [`${reference} in main.js`] : [],
  )
})

test('references in style sheets and pages count without a served file', () => {
  const outputs = [
    { fileName: 'main.css', text: 'a { b: url(/gone.jpg?nobg) }' },
    { fileName: 'index.html', text: '<img src="gone.jpg?nobg">' },
  ]
  expect(findStaticReferences(outputs, () => false)).toHaveLength(2)
})
