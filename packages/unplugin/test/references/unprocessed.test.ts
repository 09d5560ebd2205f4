import { expect, test } from 'vitest'
import { findUnprocessed } from '../../src/references/unprocessed.ts'

const assets = new Set([
  'a-123.jpg',
  'a.nobg-123.jpg',
  '/ada.jpg',
  '/img/é 1.jpg',
  '/app/ada.jpg',
  '/p.nobg.jpg',
])

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
  ['main.js', 'jsx("img",{src:"/ada.jpg?nobg"})', [], '/ada.jpg?nobg'],
  ['main.js', 'jsx("img",{src:"/app/ada.jpg?w=3&nobg=hero"})', [], '/app/ada.jpg?w=3&nobg=hero'],
  ['main.js', 'f(`<img src="/img/%C3%A9%201.jpg?nobg">`)', [], '/img/%C3%A9%201.jpg?nobg'],
  ['main.js', 'f("<img src=\\"/ada.jpg?nobg\\">")', [], '/ada.jpg?nobg'],
  ['main.js', 'f("<img src=/ada.jpg?nobg>")', [], 'src=/ada.jpg?nobg'],
  ['main.js', 'f("<img src=/ada.jpg?w=1&amp;nobg>")', [], 'src=/ada.jpg?w=1&amp;nobg'],
  ['main.js', 'f("<img srcset=\\"/x.jpg 1x,/ada.jpg?nobg 2x\\">")', [], '1x,/ada.jpg?nobg'],
  ['main.js', 'x = { src: "./ada.jpg?nobg" }', [], './ada.jpg?nobg'],
  ['main.js', 'x = "url(/ada.jpg?nobg)"', [], '/ada.jpg?nobg'],
  ['main.js', "doc = \"write import './ada.jpg?nobg' or import('./ada.jpg?nobg')\"", [], undefined],
  ['main.js', 'doc = "./ada.jpg?nobg is an image, and so is /ada.jpg?nobg here"', [], undefined],
  ['main.js', 'x = "ada.jpg?nobg 2x"', [], 'ada.jpg?nobg'],
  ['main.js', 'doc = "Type ada.jpg?nobg"', [], undefined],
  ['main.js', 'x = { src: "/other/ada.jpg?nobg" }', [], undefined],
  ['main.js', 'x = { src: "https://example.com/ada.jpg?nobg" }', [], undefined],
  ['index.html', '<p style="background: url(\'/ada.jpg?nobg\')">', [], '/ada.jpg?nobg'],
  ['index.html', '<style>p { background: url(/ada.jpg?nobg) }</style>', [], '/ada.jpg?nobg'],
  ['index.html', '<script>show("/ada.jpg?nobg")</script>', [], '/ada.jpg?nobg'],
  ['index.html', '<noscript><img src="/ada.jpg?nobg"></noscript>', [], '/ada.jpg?nobg'],
  ['index.html', '<img src="/p.nobg.jpg">', [], undefined],
  ['main.css', '/* url(a.jpg?nobg) */', [], undefined],
  ['index.html', '<code>a.jpg?nobg</code>', [], undefined],
] as const)('%s: %s', ([fileName, text, imports, reference]) => {
  expect(findUnprocessed([{ fileName, text, imports: [...imports] }], assets)).toEqual(
    reference ? [`${reference} in ${fileName}`] : [],
  )
})
