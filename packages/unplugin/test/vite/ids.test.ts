import type { InlineConfig, Plugin, PluginOption } from 'vite'
import { expect, test } from 'vitest'
import { buildProject, testNobg } from '../support/build.ts'
import { expectCutout } from '../support/picture.ts'
import { createProject, type Project } from '../support/project.ts'

const files = {
  'src/main.js': "import './main.css'\nimport cat from './pets/cat.js'\nexport const cats = [cat]",
  'src/pets/cat.js': "import cat from './cat.jpg?nobg'\nexport default cat",
  'src/main.css': 'a { background: url(./pets/cat.jpg?nobg&crop) }',
  'package.json': '{ "name": "pets" }',
}

/** A project with the default cache folder. */
async function createPets(): Promise<{ project: Project; plugins: PluginOption[] }> {
  const project = await createProject(files)
  await project.photo('cat.jpg', 'src/pets/cat.jpg')
  return { project, plugins: [testNobg({ cacheDir: project.path('node_modules/.cache/nobg') })] }
}

const MODULE_PATH = /^src\/pets\/cat-[\da-f]{8}\.webp$/

test('preserveModules of a library writes a module in the folder of the photograph', async () => {
  const { project, plugins } = await createPets()
  const config: InlineConfig = {
    build: {
      lib: { entry: project.path('src/main.js'), formats: ['es'] },
      rolldownOptions: {
        input: undefined,
        output: { preserveModules: true, entryFileNames: '[name].js' },
      },
    },
  }
  const { names } = await buildProject(project, { plugins, config })
  const scripts = names.filter(name => name.endsWith('.js'))
  expect(scripts).toEqual([
    'main.js',
    expect.stringMatching(/^pets\/cat-[\da-f]{8}(?:\.webp)?\.js$/),
    'pets/cat.js',
  ])
})

test('manualChunks, assetFileNames and both manifests get the module path', async () => {
  const { project, plugins } = await createPets()
  const seen: string[] = []
  const { names, run, follow } = await buildProject(project, {
    plugins,
    config: {
      build: {
        manifest: true,
        ssrManifest: true,
        rolldownOptions: {
          output: {
            manualChunks(id: string) {
              seen.push(id)
              return id.includes('node_modules') ? id.split('node_modules/')[1].split('/')[0] : undefined
            },
            assetFileNames({ originalFileNames }) {
              seen.push(...originalFileNames)
              const [folder] = /^.*\//.exec(originalFileNames[0] ?? '') ?? ['']
              return `${folder}[name]-[hash][extname]`
            },
          },
        },
      },
    },
  })
  expect(seen.filter(path => path.includes('.cache'))).toEqual([])
  expect(names.filter(name => /(?:^|\/)\.(?!vite)|node_modules/.test(name))).toEqual([])
  const { cats } = await run<{ cats: string[] }>()
  expect(cats[0]).toMatch(/^\/src\/pets\/cat-[\w-]{8}\.webp$/)
  await expectCutout(await follow(cats[0]))
  const manifest = JSON.parse(String(await project.read('dist/.vite/manifest.json')))
  const ssrManifest = JSON.parse(String(await project.read('dist/.vite/ssr-manifest.json')))
  expect(JSON.stringify([manifest, ssrManifest])).not.toContain('.cache')
  // One of the module, one of the style sheet.
  const entries = Object.keys(manifest).filter(name => MODULE_PATH.test(name))
  expect(entries).toHaveLength(2)
  for (const name of entries) expect(manifest[name]).toMatchObject({ src: name })
  expect(Object.keys(ssrManifest).filter(name => MODULE_PATH.test(name))).toHaveLength(1)
})

test('a plugin that loads pictures gets the file, and its result is the module', async () => {
  const { project, plugins } = await createPets()
  const loaded: string[] = []
  const other: Plugin = {
    name: 'other',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith('.webp')) return undefined
      const { readFile } = await import('node:fs/promises')
      await expectCutout(await readFile(id))
      loaded.push(id)
      return 'export default "other"'
    },
  }
  for (const order of [
    [...plugins, other],
    [other, ...plugins],
  ]) {
    const { run } = await buildProject(project, { plugins: order })
    expect((await run<{ cats: string[] }>()).cats).toEqual(['other'])
  }
  expect(loaded).toHaveLength(2)
})
