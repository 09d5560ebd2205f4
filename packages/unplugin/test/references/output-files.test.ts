import { execFileSync } from 'node:child_process'
import { chmod, mkdir, symlink } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { isFile } from '../../src/references/is-file.ts'
import { listFiles, readText } from '../../src/references/output-files.ts'
import { createProject } from '../support/project.ts'

const isRoot = process.getuid?.() === 0

async function createOutput() {
  const project = await createProject({
    'dist/index.html': 'page',
    'dist/a/b/page.html': 'page',
    'dist/feed.xml/index.xml': 'feed',
    'dist/node_modules/one/index.html': 'package',
    'dist/.git/index.html': 'repository',
    'other/one.html': 'page',
  })
  for (const [target, name] of [
    ['..', 'a/around'],
    ['b', 'a/beside'],
    ['.', 'itself'],
    ['missing.html', 'broken.html'],
    ['cycle.html', 'cycle.html'],
    ['../other', 'other'],
    ['../other/one.html', 'linked.html'],
  ])
    await symlink(target, project.path(`dist/${name}`))
  return project
}

const regular = ['a/b/page.html', 'feed.xml/index.xml', 'index.html']

test('links, packages and repositories are left out', async () => {
  const project = await createOutput()
  const said: string[] = []
  expect(listFiles(project.path('dist'), text => said.push(text)).sort()).toEqual(regular)
  expect(listFiles(project.path('missing'), text => said.push(text))).toEqual([])
  expect(said).toEqual([])
})

test('links are followed, except links to folders around them', async () => {
  const project = await createOutput()
  const said: string[] = []
  const linked = ['a/beside/page.html', 'linked.html', 'other/one.html']
  expect(listFiles(project.path('dist'), text => said.push(text), true).sort()).toEqual(
    [...regular, ...linked].sort(),
  )
  expect(said).toEqual([])
})

test.skipIf(process.platform === 'win32')('a pipe is not read', async () => {
  const project = await createProject({ 'dist/index.html': 'page' })
  execFileSync('mkfifo', [project.path('dist/pipe.html')])
  expect(listFiles(project.path('dist'), () => {})).toEqual(['index.html'])
})

test('a file that does not exist has no text, and a file that cannot be read gives a message', async () => {
  const project = await createOutput()
  const said: string[] = []
  const warn = (text: string) => said.push(text)
  for (const name of ['missing.html', 'broken.html', 'cycle.html', 'feed.xml', 'index.html/a.html'])
    expect(await readText(project.path(`dist/${name}`), warn)).toBeUndefined()
  expect(said).toEqual([])
  const long = project.path(`dist/${'a'.repeat(300)}.html`)
  expect(await readText(long, warn)).toBeUndefined()
  expect(said).toEqual([expect.stringContaining(`nobg: Expected to read ${long}`)])
})

test.skipIf(isRoot || process.platform === 'win32')(
  'files and folders without permission are named',
  async () => {
    const project = await createOutput()
    await mkdir(project.path('dist/secret'))
    for (const name of ['dist/secret', 'dist/index.html']) await chmod(project.path(name), 0)
    const said: string[] = []
    const warn = (text: string) => said.push(text)
    expect(listFiles(project.path('dist'), warn).sort()).toEqual(regular)
    expect(await readText(project.path('dist/index.html'), warn)).toBeUndefined()
    expect(said).toEqual([
      expect.stringContaining(`${project.path('dist/secret')} `),
      expect.stringContaining(`${project.path('dist/index.html')} `),
    ])
  },
)

test.for(['\0virtual', 'a'.repeat(300), '', 'missing'])('%j is no file', path => {
  expect(isFile(path)).toBe(false)
})
