import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Plugin } from 'vite'
import { expect, test } from 'vitest'
import { buildProject, failBuild, testNobg } from '../support/build.ts'
import { createProject, type Project } from '../support/project.ts'

/** A host that writes files after the bundle. */
function writeLate(
  project: Project,
  files: Record<string, string>,
  hook: 'writeBundle' | 'closeBundle',
): Plugin {
  return {
    name: 'late',
    async [hook]() {
      for (const [file, text] of Object.entries(files)) {
        await mkdir(dirname(project.path(file)), { recursive: true })
        await writeFile(project.path(file), text)
      }
    },
  }
}

const image = '<!doctype html><img src="./cat.jpg?nobg">'

test.for([
  ['a page', 'dist', { 'dist/about/index.html': image }, './cat.jpg?nobg in about/index.html'],
  ['a page beside the folder', 'dist/server', { 'dist/pages/index.html': image }, 'in pages/index.html'],
  [
    'a feed',
    'dist',
    { 'dist/rss.xml': '<x>&lt;img src="/cat.jpg?nobg"&gt;</x>' },
    '/cat.jpg?nobg in rss.xml',
  ],
] as const)('%s that a host writes after the bundle fails the build', async ([, outDir, files, line]) => {
  const project = await createProject({ 'src/main.js': 'export const one = 1' })
  const config = { build: { outDir, emptyOutDir: true } }
  for (const hook of ['writeBundle', 'closeBundle'] as const) {
    const plugins = [writeLate(project, files, hook), testNobg()]
    const message = await failBuild(project, { plugins, config })
    expect(message).toContain('marked images are left unprocessed')
    expect(message).toContain(line)
  }
})

test('quoted code, cutouts and pages of an earlier build do not fail the build', async () => {
  const project = await createProject({
    'src/main.js': 'export const one = 1',
    'dist/old.html': image,
    'public/cat.nobg.jpg': 'cat',
  })
  await utimes(project.path('dist/old.html'), new Date(0), new Date(0))
  const files = {
    'dist/docs.html':
      '<code>&lt;img src="./cat.jpg?nobg"&gt;</code><a data-code="import \'./cat.jpg?nobg&amp;crop\'"><img src="/cat.nobg.jpg">',
  }
  const plugins = [testNobg(), writeLate(project, files, 'closeBundle')]
  await buildProject(project, { plugins, config: { build: { emptyOutDir: false } } })
})

test('cycles of links, broken links and folders with the names of pages do not disturb the check', async () => {
  const project = await createProject({ 'src/main.js': 'export const one = 1' })
  const late: Plugin = {
    name: 'late',
    async closeBundle() {
      await mkdir(project.path('dist/feed.xml'), { recursive: true })
      for (const [target, name] of [
        ['.', 'a'],
        ['.', 'b'],
        ['missing.html', 'broken.html'],
      ])
        await symlink(target, project.path(`dist/${name}`))
    },
  }
  // Vite copies the page, so that only the check after the bundle reads it.
  await project.write('public/page.html', image)
  const message = await failBuild(project, { plugins: [testNobg(), late] })
  expect(message.match(/\S+ in \S+\.(?:html|xml)/g)).toEqual(['./cat.jpg?nobg in page.html'])
})

test('unprocessed: warn reports a page once, and ignore reports nothing', async () => {
  const project = await createProject({ 'index.html': '<!doctype html><a href="./src/cat.jpg?nobg">cat</a>' })
  const late = writeLate(project, { 'dist/late.html': image }, 'writeBundle')
  const warned = await buildProject(project, {
    plugins: [testNobg({ unprocessed: 'warn' }), late],
    page: true,
  })
  expect(warned.log.match(/\S+ in \S+\.html/g)).toEqual([
    './src/cat.jpg?nobg in index.html',
    './cat.jpg?nobg in late.html',
  ])
  const ignored = await buildProject(project, {
    plugins: [testNobg({ unprocessed: 'ignore' }), late],
    page: true,
  })
  expect(ignored.log).not.toContain('unprocessed')
})
