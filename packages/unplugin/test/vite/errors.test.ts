import type { Plugin } from 'vite'
import { expect, test } from 'vitest'
import { failBuild, testNobg } from '../support/build.ts'
import { withoutWeights } from '../support/cache-dir.ts'
import { createProject } from '../support/project.ts'

const first = 'export const one = 1\n'

test.for([
  [
    'missing',
    "import a from './missing.jpg?nobg'",
    ['./src/missing.jpg', 'got nothing at this path', "'./missing.jpg?nobg'"],
  ],
  [
    'another extension',
    "import a from './cat.png?nobg'",
    ['./src/cat.png', 'got nothing', "Did you mean 'cat.jpg'?"],
  ],
  ['a folder', "import a from './folder.png?nobg'", ['./src/folder.png', 'got a folder']],
  [
    'corrupt',
    "import a from './corrupt.jpg?nobg'",
    ['./src/corrupt.jpg', 'Expected', "'./corrupt.jpg?nobg'"],
  ],
  ['unknown model', "import a from './cat.jpg?nobg=portrat'", ['./src/cat.jpg', 'portrat', 'portrait']],
  [
    'misspelled option',
    "import a from './cat.jpg?nobg&outputFormt=webp'",
    ['./src/cat.jpg', 'outputFormt', "Did you mean 'outputFormat'"],
  ],
  ['bad value', "import a from './cat.jpg?nobg&outputFormat=gif'", ['./src/cat.jpg', 'png, webp or avif']],
  [
    'public folder',
    "import a from '/logo.jpg?nobg'",
    ['./public/logo.jpg', 'public folder', 'move the image'],
  ],
  [
    'asset URL',
    "const a = new URL('./missing.jpg?nobg', import.meta.url)",
    ['./src/missing.jpg', 'got nothing at this path', "'./missing.jpg?nobg'"],
  ],
  [
    'a color with #',
    "import a from './cat.jpg?nobg&backgroundColor=#fff'",
    ['./src/cat.jpg', 'CSS color', '%23fff'],
  ],
] as const)('%s: the error has image, reason, import, importer, line and column', async ([, line, parts]) => {
  const project = await createProject({
    'src/main.js': `${first}  ${line}\nexport { a }`,
    'src/corrupt.jpg': 'no image',
    'src/folder.png/readme.txt': '',
  })
  await project.photo('cat.jpg', 'public/logo.jpg')
  const message = await failBuild(project)
  const reason = /nobg: .*/.exec(message)?.[0]
  expect(reason).toContain(parts[0])
  expect(reason).toContain(parts[1])
  for (const part of [...parts, `./src/main.js:2:${3 + line.search(/['"]/) + 1}`])
    expect(message).toContain(part)
})

test.for([
  ['src/main.css', 'a { }\nb { background: url(./missing.jpg?nobg) }', './src/main.css:2:21'],
  ['index.html', '<!doctype html>\n<p><img src="./missing.jpg?nobg">', './index.html:2:14'],
])('an error in %s has its location', async ([file, content, place]) => {
  const project = await createProject({
    'src/main.js': "import './main.css'",
    'src/main.css': '',
    [file]: content,
  })
  const message = await failBuild(project, { page: file === 'index.html' })
  for (const part of ['missing.jpg', 'got nothing at this path', place]) expect(message).toContain(part)
})

test('the first line has the reason of a plugin that refuses a path', async () => {
  const project = await createProject({ 'src/main.js': "import a from '$lib/cat.jpg?nobg'" })
  const strict: Plugin = {
    name: 'strict',
    resolveId(id) {
      if (id.startsWith('$lib/')) throw new Error('removed_lib\n`$lib` was removed. Use `#lib`.')
    },
  }
  const message = await failBuild(project, { plugins: [testNobg(), strict] })
  expect(/nobg: .*/.exec(message)?.[0]).toContain('`$lib` was removed. Use `#lib`')
})

test('the error about missing weights has model, size, license, path, the address and a hint', async () => {
  const project = await createProject({ 'src/main.js': "import a from './cat.jpg?nobg=portrait'" })
  const { options, parts } = withoutWeights(project.path('models'))
  const message = await failBuild(project, { plugins: [testNobg(options)] })
  for (const part of parts) expect(message).toContain(part.replace(project.root, '.'))
})

test.for([
  [{}, 'heroe', ['name of a preset or of a model', 'No presets are defined', 'The models are']],
  [{ hero: {} }, 'heroe', ["Did you mean 'hero'", 'The presets are hero', 'The models are']],
] as const)(
  'with the presets %o, the error says that %s is no preset and no model',
  async ([presets, name, parts]) => {
    const project = await createProject({ 'src/main.js': `import a from './cat.jpg?nobg=${name}'` })
    const message = await failBuild(project, { plugins: [testNobg({ presets })] })
    for (const part of parts) expect(message).toContain(part)
  },
)

test.for<[object, string[]]>([
  [{ preset: {} }, ["Unknown option 'preset'", "Did you mean 'presets'"]],
  [{ cachDir: 'x' }, ['cachDir', "Did you mean 'cacheDir'"]],
  [{ threds: 2 }, ["Unknown option 'threds'", "Did you mean 'threads'"]],
  [{ memory: 'lots' }, ["memory: expected auto, low or fast, got 'lots'"]],
  [{ substitute: 'u2nettp' }, ['u2nettp', "Did you mean 'u2netp'"]],
  [{ unprocessed: 'warning' }, ["unprocessed: expected 'error', 'warn' or 'ignore', got 'warning'"]],
  [{ enabled: 'no' }, ["enabled: expected true or false, got 'no'"]],
  [
    { presets: { hero: 'portrait' } },
    ["Preset 'hero': expected an object", 'Write an object of options: hero: { crop: true }.'],
  ],
  [{ presets: { hero: { modl: 'portrait' } } }, ["Preset 'hero'", 'modl', "Did you mean 'model'"]],
])('a wrong option stops a build without images: %o', async ([options, parts]) => {
  const project = await createProject({ 'src/main.js': first })
  const message = await failBuild(project, { plugins: [testNobg(options)] })
  for (const part of ["nobg: in the plugin's options", ...parts]) expect(message).toContain(part)
})
