import { enhancedImages } from '@sveltejs/enhanced-img'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { Plugin } from 'vite'
import { expect, test } from 'vitest'
import { buildProject, failBuild, testNobg } from '../../support/build.ts'
import { expectCutout } from '../../support/picture.ts'
import { createProject, linkModules, type Project } from '../../support/project.ts'

async function createSvelteProject(component: string): Promise<Project> {
  const project = await createProject({
    'src/App.svelte': component,
    'src/main.js': "export { default } from './App.svelte'",
  })
  await linkModules(project, 'unplugin', 'svelte')
  return project
}

/** A cold cache each time: enhanced-img reads a picture before anything has loaded it. */
const pluginsOf = (project: Project, order: 'before' | 'after') => {
  const svelteKit = [enhancedImages(), svelte({ configFile: false })]
  const nobg = testNobg({ cacheDir: project.path('cache') })
  return order === 'before' ? [nobg, ...svelteKit] : [...svelteKit, nobg]
}

test.for(['before', 'after'] as const)('%s enhanced-img, every candidate has alpha', async order => {
  const project = await createSvelteProject(`
    <enhanced:img src="./cat.jpg?nobg" alt="cat" />
    <enhanced:img src="./cat.jpg?nobg=portrait&blur=1" sizes="min(120px, 100vw)" alt="cat" />
    <enhanced:img src="./cat.jpg?w=40;80&crop&nobg" alt="cat" />
    <enhanced:img src="./cat.nobg.jpg" width="100" alt="cat" />`)
  const build = await buildProject(project, { plugins: pluginsOf(project, order) })
  const code = String(await build.follow('/main.js'))
  const pictures = [...new Set(code.match(/\/assets\/[\w.-]+\.(?:avif|webp|png|jpe?g)/g))]
  const formats = pictures.map(url => url.replace(/.*\./, ''))
  expect(new Set(formats)).toEqual(new Set(['avif', 'webp', 'png']))
  expect(pictures.length).toBeGreaterThan(12)
  for (const [index, url] of pictures.entries()) await expectCutout(await build.follow(url), formats[index])
})

test('the error of a corrupt image has its location', async () => {
  const project = await createSvelteProject('<enhanced:img src="./bad.jpg?nobg" alt="bad" />')
  await project.write('src/bad.jpg', 'no image')
  const message = await failBuild(project, { plugins: pluginsOf(project, 'before') })
  for (const part of ['./src/bad.jpg', 'got text', './src/App.svelte:1:20']) expect(message).toContain(part)
})

test.for([
  ['vite-plugin-sveltekit-setup', 'before', []],
  ['vite-plugin-sveltekit-setup', 'after', []],
  ['vite-plugin-svelte', 'before', ['nobg:pages']],
] as const)('%s, %s nobg: the page hooks are %j', async ([name, order, expected]) => {
  const project = await createSvelteProject('<p>cat</p>')
  const warned: string[] = []
  // SvelteKit warns of the plugins that it finds this way.
  const kit: Plugin = {
    name,
    configResolved({ plugins }) {
      const ours = plugins.filter(plugin => plugin.name.startsWith('nobg') && plugin.transformIndexHtml)
      warned.push(...ours.map(plugin => plugin.name))
    },
  }
  const nobg = testNobg()
  const plugins = [...(order === 'before' ? [kit, nobg] : [nobg, kit]), svelte({ configFile: false })]
  await buildProject(project, { plugins })
  expect(warned).toEqual(expected)
})
