import { type BuildOptions, build, type Loader, transform } from 'esbuild'
import { compile } from 'svelte/compiler'
import { expect, test } from 'vitest'
import { compileScript, parse } from 'vue/compiler-sfc'
import { findUnprocessed } from '../../src/references/unprocessed.ts'

const escaped = '&lt;img src="/ada.jpg?nobg"&gt;'
const string = `'<img src="/ada.jpg?nobg">'`
const template = `\`<img src="/ada.jpg?nobg"> \${y}\``

/** The texts of a page that shows code, in the syntax of JSX and Svelte. */
const texts = `<code>${escaped}</code><code>{${string}}</code><p class="a">a ${escaped} <b>{y}</b></p><pre>{${string}}<b>{y}</b></pre>`
/** Texts with expressions. After minification, Svelte's calls for them look like calls that set HTML. */
const expressions = `<pre>${escaped} {y}</pre><pre id="b">{${template}}</pre><Foo>{${template}}</Foo>`

const vueTexts = [
  `<code>${escaped}</code><code class="a" :id="y">${escaped}</code><code v-pre>${escaped}</code>`,
  `<code>{{ ${string.replaceAll('"', '&quot;')} }}</code><p>a ${escaped} <b>{{ y }}</b> ${escaped} {{ y }}</p>`,
  `<pre>${escaped} {{ y }}</pre><Foo>${escaped}</Foo><Foo>${escaped} {{ y }}<b /></Foo>`,
].join('')

function compileSvelte(markup: string, generate: 'client' | 'server'): string {
  return compile(`<script>let { y, Foo } = $props()</script>${markup}`, { generate, filename: 'App.svelte' })
    .js.code
}

function compileVue(markup: string, ssr: boolean): string {
  const script = "<script setup>import Foo from 'foo'; defineProps(['y'])</script>"
  const { descriptor } = parse(`<template><div>${markup}</div></template>${script}`)
  return compileScript(descriptor, {
    id: 'app',
    inlineTemplate: true,
    templateOptions: { ssr, ssrCssVars: [] },
  }).content
}

async function compileJsx(markup: string, options: BuildOptions): Promise<string> {
  const start = "import { h, Foo } from 'foo'\nexport const App = ({ y, z }) =>"
  const loader: Loader = 'jsx'
  return (await transform(`${start} <div {...z}>${markup}</div>`, { ...(options as object), loader })).code
}

/** Bundles a module with the libraries of its compiler. */
async function bundle(contents: string, minify: boolean): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify,
    format: 'esm',
    conditions: ['browser', 'production'],
    external: ['foo', 'react', 'react/jsx-runtime', 'react/jsx-dev-runtime'],
    write: false,
  })
  return outputFiles[0].text
}

const dead = '<img src="/ada.jpg?nobg" alt="ada" />'

/** A compiler, the texts that its page shows, and whether the bundle is minified. */
test.for<[string, (markup: string) => string | Promise<string>, string, boolean]>([
  ['Svelte', markup => compileSvelte(markup, 'client'), texts + expressions, false],
  ['Svelte, minified', markup => compileSvelte(markup, 'client'), texts, true],
  ['Svelte on a server', markup => compileSvelte(markup, 'server'), texts + expressions, false],
  ['Vue', markup => compileVue(markup, false), vueTexts, false],
  ['Vue, minified', markup => compileVue(markup, false), vueTexts, true],
  ['Vue on a server', markup => compileVue(markup, true), vueTexts, false],
  ['JSX', markup => compileJsx(markup, { jsx: 'automatic' }), texts + expressions, false],
  ['JSX, minified', markup => compileJsx(markup, { jsx: 'automatic' }), texts + expressions, true],
  [
    'JSX in development',
    markup => compileJsx(markup, { jsx: 'automatic', jsxDev: true }),
    texts + expressions,
    false,
  ],
  [
    'classic JSX',
    markup => compileJsx(markup, { jsx: 'transform', jsxFactory: 'h' }),
    texts + expressions,
    false,
  ],
  [
    'classic JSX, minified',
    markup => compileJsx(markup, { jsx: 'transform', jsxFactory: 'h' }),
    texts + expressions,
    true,
  ],
])('%s: shown code is not reported, and an image is', async ([, compileMarkup, shown, isMinified]) => {
  const assets = new Set(['/ada.jpg'])
  const find = async (markup: string) => {
    const text = await bundle(await compileMarkup(markup), isMinified)
    return findUnprocessed([{ fileName: 'main.js', text }], assets)
  }
  expect(await find(shown)).toEqual([])
  expect(await find(shown + dead)).toHaveLength(1)
})
