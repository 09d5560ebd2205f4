import { expect, test } from 'vitest'
import { findCssRanges } from '../src/references/css.ts'
import { readFeed } from '../src/references/feeds.ts'
import { findHtmlRanges } from '../src/references/html.ts'
import { findNewUrlRanges } from '../src/references/new-url.ts'
import { blankQuotedCode } from '../src/references/quoted-code.ts'
import { parseReference, stripPostfix } from '../src/references/reference.ts'
import { findUnprocessed } from '../src/references/unprocessed.ts'
import { findMarkedImports } from '../src/types/find-imports.ts'

const assets = new Set(['a.jpg'])
const search = (fileName: string) => (text: string) => findUnprocessed([{ fileName, text }], assets)
const script = search('main.js')

/** A function that reads a text, and a function that returns a text of about the requested length. */
test.for<[string, (text: string) => unknown, (length: number) => string]>([
  ['a data URI before a marker', script, n => `"data:image/png;base64,${'A'.repeat(n)}";"?nobg"`],
  ['a data URI that runs into a marker', script, n => `${'A'.repeat(n)}?nobg`],
  ['a marker that runs into a data URI', script, n => `?nobg${'A'.repeat(n)}`],
  ['other text before markers', script, n => `${'a,'.repeat(n / 4)}=${'"/ada.jpg?nobg'.repeat(n / 26)}`],
  ['markers alone', script, n => '?nobg'.repeat(n / 5)],
  ['markers with blanks', script, n => 'a.jpg?nobg '.repeat(n / 11)],
  ['question marks', script, n => `${'?'.repeat(n)}&nobg`],
  ['asset URLs', script, n => `new URL("b.jpg?nobg", import.meta.url);`.repeat(n / 40)],
  ['unfinished asset URLs', script, n => 'new URL("?nobg '.repeat(n / 15)],
  ['a style sheet', search('main.css'), n => 'a { b: url(a.jpg?nobg) }'.repeat(n / 24)],
  ['an unfinished url()', search('main.css'), n => `url(${'url('.repeat(n / 4)}?nobg`],
  ['a page', search('index.html'), n => '<img src="a.jpg?nobg">'.repeat(n / 22)],
  ['commas in a srcset', findHtmlRanges, n => `<img srcset="a${','.repeat(n)}b.jpg?nobg">`],
  ['commas before a srcset', findHtmlRanges, n => `<img srcset="${','.repeat(n)} b.jpg?nobg">`],
  ['candidates', findHtmlRanges, n => `<img srcset="${'b.jpg?nobg 1x, '.repeat(n / 15)}">`],
  ['an unfinished sibling', parseReference, n => `a${'.nobg-a'.repeat(n / 7)}`],
  ['one long word of a sibling', parseReference, n => `a.nobg-${'a'.repeat(n)}`],
  ['extensions', parseReference, n => `${'.jpg'.repeat(n / 4)}?w`],
  ['hashes before a folder', stripPostfix, n => `${'#'.repeat(n)}/`],
  ['asset URLs of a module', findNewUrlRanges, n => `new URL(${' '.repeat(n)}'?nobg'`],
  ['imports', findMarkedImports, n => 'import a from "./a.jpg?nobg";'.repeat(n / 29)],
  ['an unfinished import', findMarkedImports, n => `import "${'?nobg'.repeat(n / 5)}`],
  ['blanks before a string', findMarkedImports, n => `import${' '.repeat(n)}"a.jpg?nobg"`],
  ['quotes before markers', findMarkedImports, n => `"?nobg`.repeat(n / 6)],
  [
    'strings that quote code',
    blankQuotedCode,
    n => `h("code", null, "<img src='./a.jpg?nobg'>");`.repeat(n / 40),
  ],
  ['templates', blankQuotedCode, n => `${'`${'.repeat(n / 6)}?nobg${'}`'.repeat(n / 6)}`],
  ['brackets', blankQuotedCode, n => `${'['.repeat(n)}"?nobg"`],
  ['calls', blankQuotedCode, n => `${'h("code",null,'.repeat(n / 14)}"<?nobg>"`],
  ['digits of a name', blankQuotedCode, n => `_${'1'.repeat(n)}x(a, b, "<?nobg>")`],
  ['code in an attribute', search('index.html'), n => `<a title="${`'a\` `.repeat(n / 4)}a.jpg?nobg&b">`],
  ['a feed', readFeed, n => '<a>&lt;b&#62;<![CDATA[c]]>d</a>'.repeat(n / 32)],
  ['an unfinished section of a feed', readFeed, n => `<![CDATA[${']'.repeat(n)}`],
  ['unfinished sections of a feed', readFeed, n => '<![CDATA['.repeat(n / 9)],
  ['comments', css => findCssRanges(css, true), n => '//'.repeat(n / 2)],
])('%s: the time grows linearly with the text', ([, run, write]) => {
  const length = findMeasurableLength(run, write)
  const ratio = measure(run, write(GROWTH * length)) / measure(run, write(length))
  // The time grows by the factor of the length if it is linear, by its square if it is quadratic. Garbage collection adds to both.
  expect(ratio).toBeLessThan(GROWTH ** 2 / 2)
})

const GROWTH = 16
/** Least time in ms that the clock of a thread measures with enough precision. */
const MEASURABLE = 20

/** Returns a length whose time can be measured, or a length after whose growth more than linear time would be visible. */
function findMeasurableLength(run: (text: string) => unknown, write: (length: number) => string): number {
  let length = 4000
  while (length < 64_000 && measure(run, write(length)) <= MEASURABLE) length *= 2
  return length
}

/** Returns the lesser of two CPU times of this thread, which other processes do not change. */
function measure(run: (text: string) => unknown, text: string): number {
  const times = [1, 2].map(() => {
    const start = process.threadCpuUsage()
    run(text)
    const { user, system } = process.threadCpuUsage(start)
    return (user + system) / 1000
  })
  return Math.max(MEASURABLE, Math.min(...times))
}
