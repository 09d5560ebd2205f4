import vue from '@vitejs/plugin-vue'
import { expect, test } from 'vitest'
import { buildProject, testNobg } from '../../support/build.ts'
import { expectCutout } from '../../support/picture.ts'
import { createProject, linkModules } from '../../support/project.ts'
import { serveProject } from '../../support/serve.ts'

const files = {
  'src/Cat.vue': `
<script setup>
import bound from './cat.jpg?nobg=portrait'
</script>
<template>
  <img src="./cat.jpg?nobg" alt="cat">
  <img :src="bound" alt="cat">
  <picture><source srcset="./cat.jpg?nobg&outputFormat=webp 1x, ./cat.nobg.jpg 2x"></picture>
</template>
<style scoped>
img { background: url(./cat.jpg?nobg&outputFormat=avif) }
</style>`,
  'src/main.js': "export { default } from './Cat.vue'",
}

/** The format in a picture's URL. */
const formatOf = (url: string) => (url.includes('.avif') ? 'avif' : 'webp')

test.for([
  ['before', () => [testNobg(), vue()]],
  ['after', () => [vue(), testNobg()]],
] as const)('%s Vue, template, script and scoped style are built with cutouts', async ([, plugins]) => {
  const project = await createProject(files)
  await linkModules(project, 'unplugin', 'vue')
  const build = await buildProject(project, { plugins: plugins() })
  const pictures = build.names.filter(name => /assets\/cat/.test(name))
  expect(pictures.map(formatOf).sort()).toEqual(['avif', 'webp', 'webp'])
  for (const name of pictures) await expectCutout(await build.follow(`/${name}`), formatOf(name))
})

test('the development server serves cutouts for a template', async () => {
  const project = await createProject(files)
  await linkModules(project, 'unplugin', 'vue')
  const { get } = await serveProject(project, testNobg(), {
    plugins: [vue()],
    optimizeDeps: { noDiscovery: true },
  })
  const { text } = await get('/src/Cat.vue')
  const urls = new Set(text.match(/\/[^"\s]*\bcat[\w-]*\.[^"\s]*/g))
  expect(urls.size).toBe(4)
  for (const url of urls) await expectCutout((await get(url.replace('?import', ''))).bytes, formatOf(url))
})
