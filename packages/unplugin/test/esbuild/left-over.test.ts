import { expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { buildProject, failBuild, testNobg } from './build.ts'

const main = (word: string) => `\n/* ü */ export { default as cat } from './cat.jpg?nobg&${word}'`

test.for(['file', 'dataurl', 'copy'] as const)(
  'with the loader %s a word that resembles an option is an error',
  async loader => {
    const project = await createProject({ 'src/main.js': main('quality=80') })
    const [{ text, location }] = await failBuild(project, { loader: { '.png': loader } })
    expect(text).toMatch(/^Expected .*'quality=80': .*cat\.jpg\n.*Did you mean 'outputQuality'/)
    // In bytes of UTF-8.
    expect(location).toMatchObject({ line: 2, column: 41, length: 25 })
  },
)

test('another word that no plugin reads is a warning', async () => {
  const project = await createProject({ 'src/main.js': main('filter=x') })
  const { result } = await buildProject(project)
  expect(result.warnings.map(({ text }) => text)).toEqual([
    expect.stringContaining("no plugin reads the word 'filter=x'"),
  ])
})

test('a word that another plugin reads is not reported', async () => {
  const project = await createProject({ 'src/main.js': main('filter=x') })
  const reader: NonNullable<NonNullable<Parameters<typeof buildProject>[1]>['plugins']>[number] = {
    name: 'reader',
    setup(build) {
      build.onLoad({ filter: /\.png$/ }, ({ suffix }) =>
        suffix.includes('filter') ? { contents: 'export default "read"', loader: 'js' } : undefined,
      )
    },
  }
  const { result, exports } = await buildProject(project, { plugins: [testNobg(), reader] })
  expect(result.warnings).toEqual([])
  expect(exports.cat).toBe('read')
})

test('an error is at its own import, and its first line has the reason and the picture', async () => {
  const project = await createProject({
    'src/main.js': "import './missing.jpg?nobg&crop'\nimport './missing.jpg?nobg'",
  })
  const errors = await failBuild(project)
  expect(errors.map(({ location }) => location?.line)).toEqual([1, 2])
  for (const { text } of errors)
    expect(text).toMatch(/^Expected an image file, got nothing at this path: .*missing\.jpg\n/)
})
