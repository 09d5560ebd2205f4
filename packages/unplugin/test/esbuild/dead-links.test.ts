import { expect, test } from 'vitest'
import { deadJsx, quotedJsx } from '../support/jsx.ts'
import { createProject } from '../support/project.ts'
import { buildProject, failBuild, testNobg } from './build.ts'

const options = { entryPoints: ['src/main.jsx'], jsxFactory: 'jsx' } as const

test.for([false, true])('an address in JSX fails the build with its place, minified: %s', async minify => {
  const project = await createProject({ 'src/main.jsx': deadJsx })
  const [{ text }] = await failBuild(project, { ...options, entryPoints: [...options.entryPoints], minify })
  const place = `${project.path('src/main.jsx')}:3:`
  for (const part of [
    `./cat.jpg?nobg in ${place}`,
    `./cat.jpg?nobg&crop in ${place}`,
    'write <img src={cat}>',
  ])
    expect(text).toContain(part)
  expect(text).not.toContain('elsewhere')
})

test('unprocessed: warn warns of an address in JSX', async () => {
  const project = await createProject({ 'src/main.jsx': deadJsx })
  const plugins = [testNobg({ unprocessed: 'warn' })]
  const { result } = await buildProject(project, {
    ...options,
    entryPoints: [...options.entryPoints],
    plugins,
  })
  expect(result.warnings.map(({ text }) => text).join()).toContain('./cat.jpg?nobg in ')
})

test('a page that shows the code of a reference does not fail the build', async () => {
  const project = await createProject({ 'src/main.jsx': quotedJsx })
  const { exports } = await buildProject(project, { ...options, entryPoints: [...options.entryPoints] })
  expect(exports.cat).toMatch(/\.webp$/)
})
