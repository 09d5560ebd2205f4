import { describe, expect, test } from 'vitest'
import { findCssRanges } from '../../src/references/css.ts'
import { findHtmlRanges, isAssetAttribute } from '../../src/references/html.ts'
import { findNewUrlRanges } from '../../src/references/new-url.ts'
import { rewriteRanges, type TextRange } from '../../src/references/text-range.ts'

/** The text with `X1`, `X2`, … in place of its references. */
async function number(text: string, ranges: TextRange[]): Promise<string> {
  let count = 0
  return String((await rewriteRanges(text, ranges, async () => `X${++count}`)) ?? text)
}

describe('style sheets', () => {
  test.for<[string, string | undefined]>([
    ['a { b: url(a.jpg?nobg) }', 'a { b: url("X1") }'],
    ["a { b: url( 'a.jpg?nobg' ) }", 'a { b: url( "X1" ) }'],
    ['a { b: image-set("a.jpg?nobg" 1x, url(b.nobg.jpg) 2x) }', 'a { b: image-set("X1" 1x, url("X2") 2x) }'],
    ['a { b: url(a.jpg) url(x.svg?nobg#i) }', 'a { b: url(a.jpg) url("X1") }'],
    ['/* url(a.jpg?nobg) */ a { b: url("https://x/a.jpg?nobg") }', undefined],
    ['a { b: url(#{$x}a.jpg?nobg) url("@{x}a.jpg?nobg") }', undefined],
    ["// don't url(a.jpg?nobg)\n$a: 'a.jpg?nobg';", `// don't url(a.jpg?nobg)\n$a: "X1";`],
    ['a { b: "unclosed\n c: url(a.jpg?nobg)', 'a { b: "unclosed\n c: url("X1")'],
  ])('%s', async ([css, expected]) => {
    expect(await number(css, findCssRanges(css, true))).toBe(expected ?? css)
  })

  test('a double slash is no comment in CSS itself', async () => {
    const css = 'a { b: c// url(a.jpg?nobg) }'
    expect(await number(css, findCssRanges(css, false))).toBe('a { b: c// url("X1") }')
  })

  test('a quote in a replacement is escaped', async () => {
    const [range] = findCssRanges('url(a.jpg?nobg)', false)
    expect(range.write(['a"b\\c'])).toBe('url("a\\"b\\\\c")')
  })
})

describe('pages', () => {
  test.for<[string, string | undefined]>([
    ['<img src=a.jpg?nobg>', '<img src="X1">'],
    ["<img SRC='a.jpg?nobg&amp;crop=1' alt>", '<img src="X1" alt>'],
    ['<img srcset="a.jpg?nobg 1x,b.jpg 2x, c.jpg?nobg&w=1,2 3x">', '<img srcset="X1 1x,b.jpg 2x, X2 3x">'],
    ['<img srcset="a.jpg?nobg, b.nobg.jpg 2x">', '<img srcset="X1, X2 2x">'],
    ['<svg><use xlink:href="a.svg?nobg#i"/></svg>', '<svg><use xlink:href="X1"/></svg>'],
    ['<template><img src="a.jpg?nobg"></template>', '<template><img src="X1"></template>'],
    ['<noscript><img src="a.jpg?nobg"></noscript>', '<noscript><img src="X1"></noscript>'],
    ['<head><noscript><link href=a.jpg?nobg></noscript>', '<head><noscript><link href="X1"></noscript>'],
    ['<img srcset=",, a.jpg?nobg,, b.jpg?nobg 1x,c.jpg?nobg">', '<img srcset=",, X1,, X2 1x,X3">'],
    ['<p class="bg-[url(./a.jpg?nobg&crop)]">', undefined],
    ['<p>a.jpg?nobg</p><!-- <img src="a.jpg?nobg"> --><script>"a.jpg?nobg"</script>', undefined],
  ])('%s', async ([html, expected]) => {
    expect(await number(html, findHtmlRanges(html))).toBe(expected ?? html)
  })

  test.for([
    ['<img src="a.jpg?nobg">', true],
    ['<meta property="og:image" content="a.jpg?nobg">', true],
    ['<meta name="twitter:image" content="a.jpg?nobg">', true],
    ['<meta name="thumbnail" content="a.jpg?nobg">', false],
    ['<img vite-ignore src="a.jpg?nobg">', false],
    ['<a href="a.jpg?nobg">', false],
    ['<img data-src="a.jpg?nobg">', false],
  ] as const)('%s: an asset? %s', ([html, expected]) => {
    expect(findHtmlRanges(html).map(range => isAssetAttribute(range))).toEqual([expected])
  })
})

test.for<[string, string | undefined]>([
  ["new URL('./a.jpg?nobg', import.meta.url)", './a.jpg?nobg'],
  ['new URL(\n  "./a.jpg?nobg",\n  import.meta.url,\n)', './a.jpg?nobg'],
  ['const u: URL = new URL(`./a.nobg.jpg`, import.meta.url)', './a.nobg.jpg'],
  [`new URL(\`./\${a}.jpg?nobg\`, import.meta.url)`, undefined],
  ["// new URL('./a.jpg?nobg', import.meta.url)", undefined],
  [`"new URL('./a.jpg?nobg', import.meta.url)"`, undefined],
  ["new URL('./a.jpg?nobg', location.href)", undefined],
])('%s', ([code, specifier]) => {
  expect(findNewUrlRanges(code).map(({ reference }) => reference.specifier)).toEqual(
    specifier ? [specifier] : [],
  )
})
