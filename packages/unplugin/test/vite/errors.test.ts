import { expect, test } from 'vitest'
import { failBuild } from '../support/build.ts'
import { createProject } from '../support/project.ts'

const first = 'export const one = 1\n'

test.for([
  [
    'missing',
    "import a from './missing.jpg?nobg'",
    ['./src/missing.jpg', 'got nothing at this path', "'./missing.jpg?nobg'"],
  ],
  ['corrupt', "import a from './corrupt.jpg?nobg'", ['./src/corrupt.jpg', "'./corrupt.jpg?nobg'"]],
  ['unknown model', "import a from './cat.jpg?nobg=portrat'", ['./src/cat.jpg', 'portrat', 'portrait']],
  [
    'misspelt option',
    "import a from './cat.jpg?nobg&outputFormt=webp'",
    ['./src/cat.jpg', 'outputFormt', "Did you mean 'outputFormat'"],
  ],
  ['bad value', "import a from './cat.jpg?nobg&outputFormat=gif'", ['./src/cat.jpg', 'png, webp or avif']],
  ['public folder', "import a from '/logo.jpg?nobg'", ['./public/logo.jpg', 'move the image']],
  [
    'asset URL',
    "const a = new URL('./missing.jpg?nobg', import.meta.url)",
    ['./src/missing.jpg', "'./missing.jpg?nobg'"],
  ],
] as const)('%s: image, reason, import, importer, line and column', async ([, line, parts]) => {
  const project = await createProject({
    'src/main.js': `${first}  ${line}\nexport { a }`,
    'src/corrupt.jpg': 'no image',
  })
  await project.photo('cat.jpg', 'public/logo.jpg')
  const message = await failBuild(project)
  for (const part of [...parts, `./src/main.js:2:${3 + line.search(/['"]/) + 1}`])
    expect(message).toContain(part)
})

test.for([
  ['src/main.css', 'a { }\nb { background: url(./missing.jpg?nobg) }', './src/main.css:2:21'],
  ['index.html', '<!doctype html>\n<p><img src="./missing.jpg?nobg">', './index.html:2:9'],
])('in %s', async ([file, content, place]) => {
  const project = await createProject({
    'src/main.js': "import './main.css'",
    'src/main.css': '',
    [file]: content,
  })
  const message = await failBuild(project, { page: file === 'index.html' })
  for (const part of ['missing.jpg', 'got nothing at this path', place]) expect(message).toContain(part)
})
