import { svelte } from '@sveltejs/vite-plugin-svelte'
import vue from '@vitejs/plugin-vue'
import type { PluginOption } from 'vite'
import { expect, test } from 'vitest'
import { buildProject, failBuild, testNobg } from '../support/build.ts'
import { createProject, linkModules, type Project } from '../support/project.ts'
import { serveProject } from '../support/serve.ts'

const alias = { $lib: '/src' }
const components: [string, string, string, () => PluginOption][] = [
  ['Svelte', 'App.svelte', '<p>cat</p>\n<img src="$lib/cat.jpg?nobg" alt="cat">', svelteOf],
  ['Svelte, relative', 'App.svelte', '<p>cat</p>\n<img src="./cat.jpg?nobg&crop" alt="cat">', svelteOf],
  ['Svelte, the other spelling', 'App.svelte', '<p>cat</p>\n<img src="./cat.nobg.jpg" alt="cat">', svelteOf],
  [
    'Svelte, a style',
    'App.svelte',
    '<p>cat</p>\n<p style="background: url(./cat.jpg?nobg)">cat</p>',
    svelteOf,
  ],
  ['Vue, a component', 'App.vue', '<template>\n<v-img src="./cat.jpg?nobg" /></template>', vue],
  [
    'JSX',
    'App.jsx',
    'export default () =>\n <img src="./cat.jpg?nobg" srcSet="./cat.jpg?nobg 2x"/>',
    () => [],
  ],
  ['a script', 'App.js', 'export default image =>\n void (image.src = "/src/cat.jpg?nobg")', () => []],
]

function svelteOf(): PluginOption {
  return svelte({ configFile: false })
}

const oxc = { jsx: { runtime: 'classic' } } as const

async function createApp(file: string, code: string): Promise<Project> {
  const project = await createProject({
    [`src/${file}`]: code,
    'src/main.js': `export { default } from './${file}'`,
  })
  await linkModules(project, 'unplugin', 'svelte', 'vue')
  return project
}

test.for(components)(
  '%s: the build fails at an address that nobody resolves',
  async ([, file, code, open]) => {
    const project = await createApp(file, code)
    const reference = /["(]([^"(]*nobg[^") ]*)/.exec(code)?.[1] ?? ''
    for (const ssr of [false, true]) {
      const config = { build: { ssr }, resolve: { alias }, oxc }
      const message = await failBuild(project, { plugins: [testNobg(), open()], config })
      expect(message).toContain('marked images are left unprocessed')
      expect(message).toContain(`${reference} in ./src/${file}:2:`)
      expect(message).toContain('<enhanced:img>')
    }
  },
)

test('quoted code, resolved addresses, and files that do not exist do not fail the build', async () => {
  const project = await createApp(
    'App.vue',
    [
      '<script setup>',
      "import cat from './cat.jpg?nobg'",
      `const code = { code: '<img src="./cat.jpg?nobg">' }`,
      '</script>',
      '<template><img src="./cat.jpg?nobg"><img :src="cat" :title="code.code">',
      '<code>&lt;img src="./cat.jpg?nobg"&gt;</code><img :src="`./other.jpg?nobg`"></template>',
    ].join('\n'),
  )
  await project.write('src/raw.js', "export { default } from './App.vue?raw'")
  await project.write(
    'src/main.js',
    "export { default } from './App.vue'\nexport { default as raw } from './raw.js'",
  )
  await buildProject(project, { plugins: [testNobg(), vue()] })
})

test('a development server warns once, and Vue addresses that a build resolves get no warning', async () => {
  const project = await createApp('App.svelte', '<img src="$lib/cat.jpg?nobg" alt="cat">')
  await project.write('src/Cat.vue', '<template><img src="./cat.jpg?nobg"></template>')
  const plugins = [testNobg(), svelteOf(), vue()]
  const { get, log } = await serveProject(project, plugins, {
    resolve: { alias },
    optimizeDeps: { noDiscovery: true },
  })
  for (const file of ['App.svelte', 'Cat.vue']) expect((await get(`/src/${file}`)).status).toBe(200)
  const warned = log.filter(line => line.includes('unprocessed'))
  expect(warned).toEqual([
    expect.stringContaining(`$lib/cat.jpg?nobg in ${project.path('src/App.svelte')}:1:11`),
  ])
})
