import { expect, test } from 'vitest'
import { blankQuotedCode } from '../../src/references/quoted-code.ts'
import { findStaticReferences } from '../../src/references/static-references.ts'
import { findStrings } from '../../src/references/strings.ts'
import { findUnprocessed } from '../../src/references/unprocessed.ts'

const image = '<img src="/ada.jpg?nobg">'
const quoted = JSON.stringify(image)
const row = (value: unknown) => JSON.stringify(`c:${JSON.stringify(['$', 'code', null, value])}\n`)

/** A script, and whether it refers to the picture. The others show its code. */
test.for([
  [`x.innerHTML = ${quoted}`, true],
  [`jsx("div", { dangerouslySetInnerHTML: { __html: ${quoted} } })`, true],
  [`jsx("img", { src: "/ada.jpg?nobg" })`, true],
  ['jsx("img",{src:`/ada.jpg?nobg`})', true],
  [`\`<p>\${f(\`a\`)}${image}</p>\``, true],
  [`insertAdjacentHTML("beforeend", ${quoted})`, true],
  ['setAttribute("img", "src", "/ada.jpg?nobg")', true],
  [`push([1, ${row({ src: '/ada.jpg?nobg' })}])`, true],
  [`jsx("code", { children: ${quoted} })`, false],
  [`jsxs("pre", { className: "a", "children": ["b", ${quoted}] })`, false],
  [`jsxs(\`pre\`,{children:[\`b\`,\`${image}\`]})`, false],
  [`h("code", null, ${quoted})`, false],
  [`h("code", { class: f(1, 2) }, [${quoted}, "b"])`, false],
  [`h("code", null, "image.src = '/ada.jpg?nobg'")`, false],
  [`code.textContent = ${quoted}`, false],
  [`push(\`<code>\${escape_html(${quoted})}</code>\`)`, false],
  ['template(`<pre>&lt;img src="/ada.jpg?nobg"&gt;</pre>`)', false],
  ['template(`<span>"/ada.jpg?nobg"</span>`)', false],
  [`push([1, ${row({ children: image })}])`, false],
] as const)('%s: is reported: %s', ([script, isReported]) => {
  const assets = new Set(['/ada.jpg'])
  expect(findUnprocessed([{ fileName: 'main.js', text: script }], assets)).toHaveLength(isReported ? 1 : 0)
  const page = `<!doctype html><code>${image.replace('<', '&lt;')}</code><script>${script}</script>`
  for (const output of [
    { fileName: 'main.js', text: script },
    { fileName: 'index.html', text: page },
  ])
    expect(findStaticReferences([output], path => path === 'ada.jpg').length > 0).toBe(isReported)
})

test('the other code keeps its offsets', () => {
  const code = `a = 1; jsx("code", { children: "'./ada.jpg?nobg'" }); b = "./bob.jpg?nobg"`
  const blank = blankQuotedCode(code)
  expect(blank).toHaveLength(code.length)
  expect(blank.indexOf('./bob.jpg')).toBe(code.indexOf('./bob.jpg'))
  expect(blank).not.toContain('ada')
})

test.for([
  ["'a\\'b'", "a'b"],
  ['"\\x41\\u0042\\u{43}\\n\\\nd"', 'ABC\nd'],
  [`\`a\${x ? \`b\` : {}}c\``, 'a c'],
  ["/'?nobg/.test('a')", 'a'],
] as const)('%s is read as %j', ([code, text]) => {
  expect(findStrings(code, () => true).map(string => string.text)).toContain(text)
})
