import { expect, test } from 'vitest'
import { findUnprocessed } from '../src/unprocessed.ts'

const assets = new Set(['a-123.jpg', 'a.nobg-123.jpg'])

test.for([
  ['main.css', 'a { b: url(/assets/a-123.jpg?nobg) }', [], '/assets/a-123.jpg?nobg'],
  ['index.html', '<a href="./a.jpg?nobg">', [], './a.jpg?nobg'],
  ['main.js', 'console.log("/assets/a-123.jpg?nobg&crop")', [], '/assets/a-123.jpg?nobg&crop'],
  ['main.js', "new URL('./a.jpg?nobg', import.meta.url)", [], './a.jpg?nobg'],
  ['main.js', '', ['./a.jpg?nobg'], './a.jpg?nobg'],
  ['main.js', 'console.log("./a.jpg?nobg")', ['vue'], undefined],
  ['main.css', 'a { b: url(/assets/a.nobg-123.jpg) }', [], undefined],
  ['index.html', '<img src="/assets/a.nobg-123.jpg">', [], undefined],
  ['index.html', '<img src="/assets/a.nobg-hero.jpg">', [], '/assets/a.nobg-hero.jpg'],
  ['main.css', '/* url(a.jpg?nobg) */', [], undefined],
  ['index.html', '<code>a.jpg?nobg</code>', [], undefined],
] as const)('%s: %s', ([fileName, text, imports, reference]) => {
  expect(findUnprocessed([{ fileName, text, imports: [...imports] }], assets)).toEqual(
    reference ? [`${reference} in ${fileName}`] : [],
  )
})
