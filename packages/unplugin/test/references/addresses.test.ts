import { expect, test } from 'vitest'
import { findAddresses } from '../../src/references/addresses.ts'

test.for([
  ['$.from_html(`<img src="$lib/a.png?nobg" alt="a"/>`)', ['$lib/a.png?nobg']],
  ['f("<img src=\\"./a.png?nobg\\">")', ['./a.png?nobg']],
  ['jsx("img", { src: "./a.png?nobg&amp;crop" })', ['./a.png?nobg&crop']],
  ['h("img", { "data-src": "./a.nobg-hero.png" })', ['./a.nobg-hero.png']],
  ['element.setAttribute("src", "./a.png?nobg")', ['./a.png?nobg']],
  ["image.src = './a.png?nobg'", ['./a.png?nobg']],
  ['jsx("video", { poster: "./a.png?w=9&nobg" })', ['./a.png?w=9&nobg']],
  ['jsx("img", { srcSet: "./b.png?w=1 1x, ./a.png?nobg 2x" })', ['./a.png?nobg']],
  ['`<p style="background: url(\'./a.png?nobg\')">`', ['./a.png?nobg']],
  ['({ backgroundImage: "url(./a.png?nobg)" })', ['./a.png?nobg']],
  ['import src from "./a.png?nobg"', []],
  ['const src = new URL("./a.png?nobg", import.meta.url)', []],
  ['const src = import("./a.png?nobg")', []],
  ['jsx("img", { alt: "./a.png?nobg" })', []],
  ['const doc = "write import \'./a.png?nobg\' or url(./a.png?nobg)"', []],
  ['`<code>&lt;img src=&quot;./a.png?nobg&quot;></code>`', []],
  ['jsx("img", { src: "https://example.com/a.png?nobg" })', []],
  ['jsx("img", { src: "./a.png" })', []],
] as const)('%s', ([code, expected]) => {
  expect(findAddresses(code).map(({ specifier }) => specifier)).toEqual(expected)
})
