import type { Plugin } from 'vite'
import { expect, test } from 'vitest'
import { findDataUris } from '../../src/vite/record-read-assets.ts'
import { buildProject, failBuild, testNobg } from '../support/build.ts'
import { createProject } from '../support/project.ts'

test.for([
  ['a link', '<a href="./src/cat.jpg?nobg">cat</a>', './src/cat.jpg?nobg in index.html'],
  ['a data attribute', '<img data-src="/src/cat.jpg?nobg">', '/src/cat.jpg?nobg in index.html'],
  [
    'a meta that Vite does not process',
    '<meta name="thumbnail" content="./src/cat.jpg?nobg">',
    './src/cat.jpg?nobg in index.html',
  ],
  [
    'an element with vite-ignore',
    '<img vite-ignore src="./src/cat.jpg?nobg">',
    './src/cat.jpg?nobg in index.html',
  ],
])('%s fails the build', async ([, html, site]) => {
  const project = await createProject({ 'index.html': `<!doctype html>${html}` })
  expect(await failBuild(project, { page: true })).toMatch(site)
})

test('a cutout in an attribute that is no asset for Vite fails the build', async () => {
  const project = await createProject({ 'index.html': '<!doctype html><img src="./src/cat.jpg?nobg">' })
  const handler = (html: string) => html.replace('<img src', '<img data-src')
  const spoiler: Plugin = { name: 'spoiler', transformIndexHtml: { order: 'pre', handler } }
  const message = await failBuild(project, { plugins: [testNobg(), spoiler], page: true })
  expect(message).toMatch('cat.jpg?nobg in index.html')
})

test('an import that is resolved at run time fails the build', async () => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
  const handler = (id: string) => (id.includes('cat.jpg') ? { id, external: true } : undefined)
  const leaveOut: Plugin = { name: 'leave-out', enforce: 'pre', resolveId: { order: 'pre', handler } }
  expect(await failBuild(project, { plugins: [leaveOut, testNobg()] })).toMatch('cat.jpg?nobg in main.js')
})

test('text with the marker does not fail the build', async () => {
  const project = await createProject({
    'src/main.js': `export const doc = "write import './cat.jpg?nobg' or url(./cat.jpg?nobg)"`,
  })
  await buildProject(project)
})

test('pages that show the code of a reference to a file that exists do not fail the build', async () => {
  const code = ['/photos/ada.jpg', './cat.jpg'].map(path => `<img src="${path}?nobg">`)
  const escaped = code.join(' ').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const project = await createProject({
    'index.html': `<!doctype html><pre>${escaped}</pre><!-- ${code} --><script type="module" src="./src/main.jsx"></script>`,
    'src/main.jsx': [
      'const React = { createElement: (type, props, ...children) => ({ type, props, children }) }',
      `console.log(<pre>${escaped} {'${code[0]}'}</pre>, <code>${code.map(text => `{'${text}'}`)}</code>)`,
    ].join('\n'),
  })
  await project.photo('cat.jpg', 'public/photos/ada.jpg')
  await project.photo('cat.jpg', 'cat.jpg')
  const oxc = { jsx: { runtime: 'classic' } } as const
  for (const minify of [false, true])
    await buildProject(project, { page: true, config: { oxc, build: { minify } } })
})

test('unprocessed: warn logs the message, and ignore logs nothing', async () => {
  const project = await createProject({ 'index.html': '<!doctype html><a href="./src/cat.jpg?nobg">cat</a>' })
  const warned = await buildProject(project, { plugins: [testNobg({ unprocessed: 'warn' })], page: true })
  expect(warned.log).toMatch('marked images are left unprocessed')
  const ignored = await buildProject(project, { plugins: [testNobg({ unprocessed: 'ignore' })], page: true })
  expect(ignored.log).not.toMatch('unprocessed')
})

test.for([
  ['a string of a script', { ssr: false, base: '/' }, '/photos/ada%201.jpg?nobg'],
  ['a string of a script for a server', { ssr: true, base: '/' }, '/photos/ada%201.jpg?nobg'],
  ['a string behind a base', { ssr: false, base: '/app/' }, '/app/photos/ada%201.jpg?nobg&crop'],
  ['a string without its base', { ssr: false, base: '/app/' }, '/photos/ada%201.jpg?nobg'],
  ['a relative string', { ssr: false, base: './' }, './photos/ada%201.jpg?nobg'],
] as const)('%s that names a public file fails the build', async ([, { ssr, base }, url]) => {
  const project = await createProject({
    'src/main.js': `export const image = { src: ${JSON.stringify(url)} }`,
  })
  await project.photo('cat.jpg', 'public/photos/ada 1.jpg')
  const message = await failBuild(project, { config: { base, build: { ssr } } })
  expect(message).toMatch(`${url} in main.js`)
})

test('a style attribute, a style block and a style sheet that name a public file fail the build', async () => {
  const project = await createProject({
    'index.html': `<!doctype html><style>a { background: url(/ada.jpg?nobg) }</style><p style="background: url('/ada.jpg?nobg')">`,
  })
  await project.photo('cat.jpg', 'public/ada.jpg')
  expect(await failBuild(project, { page: true })).toMatch('/ada.jpg?nobg')
})

test('a string with only the base name of a public file does not fail the build', async () => {
  const project = await createProject({ 'src/main.js': "export const src = '/elsewhere/ada.jpg?nobg'" })
  await project.photo('cat.jpg', 'public/ada.jpg')
  await buildProject(project)
})

const page = '<!doctype html><body></body>'
const addImage = (html: string) => html.replace('</body>', '<img src="./src/cat.jpg?nobg"></body>')
const latest: Plugin = {
  name: 'latest',
  enforce: 'post',
  transformIndexHtml: { order: 'pre', handler: addImage },
}

test.for<[string, string, Plugin[]]>([
  ['an image that a plugin writes after the hooks of nobg', page, [latest]],
  ['an import of a classic script', `${page}<script>import('./src/cat.jpg?nobg')</script>`, []],
])('%s fails the build, inlined or not', async ([, html, plugins]) => {
  const project = await createProject({ 'index.html': html })
  for (const assetsInlineLimit of [0, 1e9]) {
    const config = { build: { assetsInlineLimit } }
    const message = await failBuild(project, { plugins: [testNobg(), ...plugins], page: true, config })
    expect(message).toMatch('./src/cat.jpg?nobg in ./index.html')
  }
})

test('a data-uri() of a Less file, or of a Less file in the same folder, is found', async () => {
  const project = await createProject({
    'src/main.less': '@import "./part";',
    'src/part.less': 'a { background: data-uri("./cat.jpg?nobg") }',
  })
  expect(findDataUris([project.path('src/main.less')])).toEqual([
    `data-uri("./cat.jpg?nobg") in ${project.path('src/part.less')}`,
  ])
})
