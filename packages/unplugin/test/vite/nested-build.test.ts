import type { Plugin } from 'vite'
import { expect, test } from 'vitest'
import { buildProject, testNobg } from '../support/build.ts'
import { createProject } from '../support/project.ts'

test('a build inside another build, as in SvelteKit 2, logs one summary with the pictures of both', async () => {
  const project = await createProject({
    'src/main.js': "export { default as cat } from './cat.jpg?nobg'",
    'src/client.js':
      "export { default as cat } from './cat.jpg?nobg'\nexport { default as crop } from './cat.jpg?nobg&crop'",
  })
  const logs: string[] = []
  const nesting: Plugin = {
    name: 'nesting',
    async writeBundle() {
      const input = project.path('src/client.js')
      const config = {
        build: { outDir: 'client', rolldownOptions: { input, output: { entryFileNames: '[name].js' } } },
      }
      logs.push((await buildProject(project, { config })).log)
    },
  }
  logs.push((await buildProject(project, { plugins: [nesting, testNobg()] })).log)
  const lines = logs.join('\n').split('\n')
  expect(lines.filter(line => /^nobg: .*(?:processed|from cache)/.test(line))).toHaveLength(1)
  for (const label of ['cat.jpg?nobg', 'cat.jpg?nobg&crop'])
    expect(lines.filter(line => line.trim().startsWith(`${label} `))).toHaveLength(1)
})
