import { describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { compileProject, type Tool, tools } from './build.ts'

const main = (word: string) => `\nexport { default as cat } from './cat.jpg?nobg&${word}'`

describe.for(Object.keys(tools) as Tool[])('%s', tool => {
  test('a word that resembles an option is an error at its import', async () => {
    const project = await createProject({ 'src/main.js': main('quality=80') })
    const { stats } = await compileProject(tool, project)
    const message = stats.errors?.map(error => error.message).join('\n') ?? ''
    for (const part of ["'quality=80'", "Did you mean 'outputQuality'", 'main.js:2:33'])
      expect(message).toContain(part)
  })

  test('another word that no loader reads is a warning', async () => {
    const project = await createProject({ 'src/main.js': main('filter=x') })
    const rules = [{ test: /\.png$/, resourceQuery: { not: [/raw/] }, type: 'asset/resource' }]
    const { stats } = await compileProject(tool, project, { module: { rules } })
    expect(stats.errors).toEqual([])
    expect(stats.warnings?.map(warning => warning.message).join()).toMatch(
      /no plugin reads the word 'filter=x' of '\.\/cat\.jpg\?nobg&filter=x' from .*main\.js:2:33/,
    )
  })

  test('a word that a rule reads is not reported', async () => {
    const project = await createProject({ 'src/main.js': main('data') })
    const rules = [{ resourceQuery: /data/, type: 'asset/inline' }]
    const { stats, exports } = await compileProject(tool, project, { module: { rules } })
    expect([stats.errors, stats.warnings]).toEqual([[], []])
    expect(exports.cat).toMatch(/^data:/)
  })

  test('the first line of an error has the reason and the picture', async () => {
    const project = await createProject({
      'src/main.js': "import './missing.jpg?nobg&crop'\nimport './missing.jpg?nobg'",
    })
    const { stats } = await compileProject(tool, project)
    const messages = stats.errors?.map(({ message }) => message.replaceAll(project.root, '.')) ?? []
    const short = messages.find(message => message.includes("'./missing.jpg?nobg'"))
    expect(short).toMatch(/nobg: Expected an image file, got nothing at this path: \.\/src\/missing\.jpg\n/)
    expect(short).toContain('./src/main.js:2:9')
  })
})
