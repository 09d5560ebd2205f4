import { describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { buildProject, type Tool, testNobg, tools } from './build.ts'

const main = (word: string) => `\nexport { default as cat } from './cat.jpg?nobg&${word}'`

describe.for(Object.keys(tools) as Tool[])('%s', tool => {
  test('a word that resembles an option is an error', async () => {
    const project = await createProject({ 'src/main.js': main('quality=80') })
    await expect(buildProject(tool, project)).rejects.toThrow(
      /'quality=80'[\s\S]*Did you mean 'outputQuality'[\s\S]*main\.js:2:33/,
    )
  })

  test('another word that no plugin reads is a warning', async () => {
    const project = await createProject({ 'src/main.js': main('filter=x') })
    const { log } = await buildProject(tool, project)
    expect(log).toMatch(
      /no plugin reads the word 'filter=x' of '\.\/cat\.jpg\?nobg&filter=x' from .*main\.js:2:33/,
    )
  })

  test('a word that another plugin reads is not reported', async () => {
    const both = `export { default as bare } from './cat.jpg?nobg'${main('filter=x')}`
    const project = await createProject({ 'src/main.js': both })
    const reader = {
      name: 'reader',
      load: (id: string) => (id.includes('filter=x') ? 'export default "data:,x"' : null),
    }
    const { log } = await buildProject(tool, project, [testNobg(tool), reader])
    expect(log).not.toContain('no plugin reads')
  })
})

test('rolldown: with emit: false a word is reported too', async () => {
  const project = await createProject({ 'src/main.js': main('quality=80') })
  const build = buildProject('rolldown', project, testNobg('rolldown', { emit: false }), {
    moduleTypes: { '.png': 'dataurl' },
  } as object)
  await expect(build).rejects.toThrow("Did you mean 'outputQuality'")
})

test('rollup: emit must be true or false', async () => {
  const project = await createProject({ 'src/main.js': main('crop') })
  const build = buildProject('rollup', project, testNobg('rollup', { emit: 'no' } as object))
  await expect(build).rejects.toThrow("emit: expected true or false, got 'no'")
})
