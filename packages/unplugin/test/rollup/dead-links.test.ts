import { transform } from 'esbuild'
import type { InputPluginOption } from 'rollup'
import { describe, expect, test } from 'vitest'
import { deadJsx, quotedJsx } from '../support/jsx.ts'
import { createProject } from '../support/project.ts'
import { buildProject, type Tool, testNobg, tools } from './build.ts'

/** Compiles JSX, as a plugin of the user does. Rolldown has a compiler of its own. */
const compile: InputPluginOption = {
  name: 'jsx',
  async transform(code, id) {
    return id.endsWith('.jsx')
      ? (await transform(code, { loader: 'jsx', jsxFactory: 'jsx' })).code
      : undefined
  },
}
const files = (code: string) => ({ 'src/main.js': "export * from './page.jsx'", 'src/page.jsx': code })

describe.each(Object.keys(tools) as Tool[])('%s', tool => {
  test('an address in JSX fails the build with its place', async () => {
    const project = await createProject(files(deadJsx))
    const message = await buildProject(tool, project, [compile, testNobg(tool)]).then(
      () => '',
      error => error.message,
    )
    const place = `${project.path('src/page.jsx')}:3:`
    for (const part of [`./cat.jpg?nobg in ${place}`, `./cat.jpg?nobg&crop in ${place}`])
      expect(message).toContain(part)
    expect(message).not.toContain('elsewhere')
  })

  test('a page that shows the code of a reference does not fail the build', async () => {
    const project = await createProject(files(quotedJsx))
    const { cat } = await buildProject(tool, project, [compile, testNobg(tool)])
    expect(cat).toMatch(/\.webp$/)
  })
})

test('rolldown: the output of its own compiler is checked', async () => {
  const project = await createProject(files(deadJsx))
  const transform = { jsx: { runtime: 'classic', pragma: 'jsx' } }
  await expect(
    buildProject('rolldown', project, testNobg('rolldown'), { transform } as object),
  ).rejects.toThrow(`./cat.jpg?nobg in ${project.path('src/page.jsx')}:3:`)
})
