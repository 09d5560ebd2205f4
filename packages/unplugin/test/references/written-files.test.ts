import { expect, test } from 'vitest'
import { findInWrittenFiles } from '../../src/references/written-files.ts'
import { createProject } from '../support/project.ts'

const code = `&lt;img src=&quot;./cat.jpg?nobg&quot;&gt;`

test.for([
  ['feed.xml', '<x>&lt;img src="/cat.jpg?nobg"&gt;</x>', ['/cat.jpg?nobg']],
  ['feed.xml', '<x>&#60;img src=&#34;/cat.jpg?nobg&#34;&#62;</x>', ['/cat.jpg?nobg']],
  ['feed.xml', '<x>&#x3c;img src=&#X22;/cat.jpg&#x3F;nobg&#x22;&#x3e;</x>', ['/cat.jpg?nobg']],
  ['feed.xml', '<x>&lt;img src="/cat.jpg?w=1&amp;amp;nobg"&gt;</x>', ['/cat.jpg?w=1&nobg']],
  ['feed.xml', '<x><![CDATA[<img src="/cat.jpg?nobg">]]></x>', ['/cat.jpg?nobg']],
  [
    'feed.xml',
    '<a><![CDATA[<p>a</p><img src="/cat.jpg?nobg">]]></a><b><![CDATA[<!-- ]]></b><c><![CDATA[<img src="/b.jpg?nobg">]]></c>',
    ['/cat.jpg?nobg', '/b.jpg?nobg'],
  ],
  ['feed.xml', '<content type="xhtml"><div><img src="/cat.jpg?nobg"/></div></content>', ['/cat.jpg?nobg']],
  ['feed.xml', `<x>&lt;img src="/ada's cat.jpg?nobg"&gt;</x>`, ["/ada's cat.jpg?nobg"]],
  ['feed.xml', `<x><![CDATA[<code>${code}</code>]]></x>`, []],
  ['feed.xml', `<x>&lt;code>${code.replaceAll('&', '&amp;')}&lt;/code></x>`, []],
  ['feed.xml', '<!-- <img src="/cat.jpg?nobg"> --><x>a &amp; b</x>', []],
  ['feed.xml', '<!DOCTYPE a [<!ENTITY b "c">]><?xml version="1.0"?><x>?nobg</x>', []],
  ['feed.xml', '<x><![CDATA[ unfinished <img src="/cat.jpg?nobg">', ['/cat.jpg?nobg']],
  ['page.html', `<img src="./ada's cat.jpg?nobg">`, ["./ada's cat.jpg?nobg"]],
  ['page.html', `<img srcset="./ada's.jpg?nobg 2x">`, ["./ada's.jpg?nobg"]],
  ['page.html', `<img data-src="./ada's and bob's cat.jpg?nobg">`, ["./ada's and bob's cat.jpg?nobg"]],
  ['page.html', '<img src="./&quot;a&quot;.jpg?nobg">', ['./"a".jpg?nobg']],
  ['page.html', '<img src="./cat.jpg&#63;nobg">', ['./cat.jpg?nobg']],
  ['page.html', '<p style="background: url(&quot;./ada\'s.jpg?nobg&quot;)">', ["./ada's.jpg?nobg"]],
  ['page.html', `<button data-code="import cat from './cat.jpg?nobg&amp;crop'">`, []],
  ['page.html', `<button data-code="&lt;img src=./cat.jpg?nobg&amp;crop>">`, []],
  ['page.html', '<button data-code="a\n./cat.jpg?nobg&amp;crop">', []],
  ['page.html', '<button data-code="url(`./cat.jpg?nobg=hero&amp;crop`)">', []],
  [
    'page.html',
    `<a title="import './cat.jpg?nobg&amp;crop'"><meta name="description" content="'a.jpg?nobg&amp;b'">`,
    [],
  ],
] as const)('%s: %s', async ([name, text, expected]) => {
  const project = await createProject({ [name]: text })
  const lines = await findInWrittenFiles(project.root, [name], new Set(), () => {})
  expect(lines).toEqual(expected.map(reference => `${reference} in ${name}`))
})

test('a file that no longer exists is left out', async () => {
  const project = await createProject({ 'b.html': '<img src="./cat.jpg?nobg">' })
  const lines = await findInWrittenFiles(project.root, ['a.html', 'b.html'], new Set(), text => {
    throw new Error(text)
  })
  expect(lines).toEqual(['./cat.jpg?nobg in b.html'])
})
