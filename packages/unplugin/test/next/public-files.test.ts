import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { blockPublicFiles } from '../../src/next/block-public-files.ts'
import { findInOutput } from '../../src/next/find-in-output.ts'
import { createProject } from '../support/project.ts'

/** A server that responds with the requested URL, and blocks the files of a project's `public/`. */
async function serve(basePath: string, isError = true) {
  const project = await createProject({})
  await project.photo('cat.jpg', 'public/pics/ada one.jpg')
  await project.photo('cat.jpg', 'public/cat.nobg.jpg')
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  blockPublicFiles({ projectDir: project.root, basePath, isError })
  const server = createServer((request, response) => response.end(request.url))
  onTestFinished(() => {
    server.close()
    said.mockRestore()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const ask = async (url: string) => (await fetch(`http://127.0.0.1:${port}${url}`)).text()
  return { ask, said }
}

test.for([
  ['', '/pics/ada%20one.jpg?nobg'],
  ['', '/pics/ada%20one.jpg?w=1&nobg=hero'],
  ['/base', '/base/pics/ada%20one.jpg?nobg'],
])('with the base path "%s", %s does not reach the public folder', async ([basePath, url]) => {
  const { ask, said } = await serve(basePath)
  expect(await ask(url)).toBe(`${basePath}/_next/static/nobg-refuses${url.slice(basePath.length)}`)
  await ask(url)
  expect(said).toHaveBeenCalledTimes(1)
  expect(said.mock.calls[0][0]).toContain('public/pics/ada one.jpg')
})

test.for([
  '/pics/ada%20one.jpg',
  '/pics/other.jpg?nobg',
  '/cat.nobg.jpg',
  '/?nobg',
  '/%?nobg',
  '/docs?q=a.jpg?nobg',
  '/%00.jpg?nobg',
  `/${'a'.repeat(300)}.jpg?nobg`,
])('the request %s is unchanged', async url => {
  const { ask, said } = await serve('')
  expect(await ask(url)).toBe(url)
  expect(said).not.toHaveBeenCalled()
})

test('with warn the photograph is served', async () => {
  const { ask, said } = await serve('', false)
  expect(await ask('/pics/ada%20one.jpg?nobg')).toBe('/pics/ada%20one.jpg?nobg')
  expect(said).toHaveBeenCalledTimes(1)
})

test.for([
  [
    '.next/server/chunks/ssr/page.js',
    'x("/docs/pics/ada.jpg?nobg")',
    '/docs/pics/ada.jpg?nobg in server/chunks/ssr/page.js',
  ],
  ['.next/static/chunks/1.js', 'x("/pics/ada.jpg?nobg")', '/pics/ada.jpg?nobg in static/chunks/1.js'],
  ['.next/static/chunks/1.css', 'a{b:url(/any.jpg?nobg)}', '/any.jpg?nobg in static/chunks/1.css'],
  ['.next/server/chunks/1.js', 'x("see ./ada.jpg?nobg")', undefined],
  ['.next/cache/1.js', 'x("/pics/ada.jpg?nobg")', undefined],
  ['.next/static/chunks/2.js', 'x("img",{src:"./cat.jpg?nobg"})', './cat.jpg?nobg in ./src/page.jsx:2:15'],
  ['.next/static/chunks/2.js', 'x("code",{children:`<img src="./cat.jpg?nobg">`})', undefined],
  ['.next/server/app/docs.html', '<pre>&lt;img src="/pics/ada.jpg?nobg"&gt;</pre>', undefined],
] as const)('the compiled file %s is checked: %s', async ([file, text, found]) => {
  const page = "import cat from './cat.jpg?nobg'\nx = <img src='./cat.jpg?nobg' />"
  const project = await createProject({ [file]: text, 'src/page.jsx': page })
  await project.photo('cat.jpg', 'public/pics/ada.jpg')
  const lines = await findInOutput(project.root, project.path('.next'), '/docs', () => {})
  expect(lines.map(line => line.replace(project.root, '.'))).toEqual(found ? [found] : [])
})
