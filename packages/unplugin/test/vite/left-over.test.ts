import { imagetools } from 'vite-imagetools'
import { expect, test } from 'vitest'
import { buildProject, failBuild, testNobg } from '../support/build.ts'
import { createProject } from '../support/project.ts'
import { serveProject } from '../support/serve.ts'

test.for([
  ['corp', 'crop'],
  ['background=white', 'backgroundColor'],
  ['quality=80', 'outputQuality'],
  ['format=webp', 'outputFormat'],
  ['bg=red', 'backgroundColor'],
  ['refine', 'refineForeground'],
  ['resolution=2048', 'operatingResolution'],
])('?nobg&%s is an error that names the option', async ([word, meant]) => {
  const project = await createProject({
    'src/main.js': `export { default as a } from './cat.jpg?nobg'\nimport b from './cat.jpg?nobg&${word}'\nexport { b }`,
  })
  const message = await failBuild(project)
  expect(message).toMatch(new RegExp(`nobg: .*'${word.replace(/=.*/, '')}.*: ./src/cat.jpg`))
  for (const part of [`Did you mean '${meant}'`, './src/main.js:2:16']) expect(message).toContain(part)
  expect(message).not.toContain('Expected JavaScript')
})

test.for([
  [
    'an import',
    { 'src/main.js': "export { default as a } from './cat.jpg?nobg&filter=x'" },
    './src/main.js:1:31',
  ],
  [
    'a style sheet',
    {
      'src/main.js': "import './main.css'",
      'src/main.css': 'a { background: url(./cat.jpg?nobg&filter=x) }',
    },
    './src/main.css:1:21',
  ],
  ['a page', { 'index.html': '<img src="./src/cat.jpg?nobg&filter=x">' }, './index.html:1:11'],
] as const)('an unknown word that nobody reads is a warning: %s', async ([, files, place]) => {
  const project = await createProject(files as unknown as Record<string, string>)
  const { log } = await buildProject(project, { page: 'index.html' in files })
  const lines = log.replaceAll(project.root, '.').split('\n')
  const warnings = lines.filter(line => line.includes('no plugin reads'))
  expect(warnings).toEqual([expect.stringContaining("'filter=x' of './")])
  expect(warnings[0]).toContain(place)
})

test('a word that nobody reads in a style sheet is an error if it resembles an option', async () => {
  const project = await createProject({
    'src/main.js': "import './main.css'",
    'src/main.css': 'a { background: url(./cat.jpg?nobg&quality=80) }',
  })
  expect(await failBuild(project)).toContain("Did you mean 'outputQuality'")
})

test('words of imagetools are read by imagetools, and words of Vite by Vite', async () => {
  const project = await createProject({
    'src/main.js': `export { default as a } from './cat.jpg?nobg&w=40&format=webp&quality=50'
      export { default as b } from './cat.jpg?nobg&url'
      export { default as c } from './cat.jpg?nobg&mask&output_format=webp&v=2'`,
  })
  const { log, run } = await buildProject(project, { plugins: [testNobg(), imagetools()] })
  expect(log).not.toContain('no plugin reads')
  const { a, c } = await run()
  expect(a).toMatch(/\.webp$/)
  expect(c).toMatch(/\.webp/)
})

test('the development server reports the word', async () => {
  const project = await createProject({
    'src/main.js': "import a from './cat.jpg?nobg&quality=80'\nconsole.log(a)",
  })
  const { get, log } = await serveProject(project)
  const [, url] = /"([^"]+quality=80[^"]*)"/.exec((await get('/src/main.js')).text)!
  expect((await get(url)).status).toBe(500)
  expect(log.join('\n')).toMatch(/nobg: .*'quality=80'.*[\s\S]*Did you mean 'outputQuality'/)
})
