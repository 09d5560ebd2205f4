import { imagetools } from 'vite-imagetools'
import { expect, test } from 'vitest'
import { buildProject, testNobg } from '../support/build.ts'
import { expectCutout } from '../support/picture.ts'
import { createProject } from '../support/project.ts'

const orders = [
  ['before', () => [testNobg(), imagetools()]],
  ['after', () => [imagetools(), testNobg()]],
] as const

test.for(orders)('%s vite-imagetools: every entry of a srcset keeps its alpha', async ([, plugins]) => {
  const project = await createProject({
    'src/main.js': "export { default as set } from './cat.jpg?nobg&w=64;128&format=webp&as=srcset'",
  })
  const build = await buildProject(project, { plugins: plugins() })
  const { set } = await build.run()
  const entries = String(set)
    .split(', ')
    .map(entry => entry.split(' '))
  expect(entries.map(([, width]) => width)).toEqual(['64w', '128w'])
  for (const [url, width] of entries) {
    expect(await expectCutout(await build.follow(url), 'webp')).toMatchObject({
      width: Number(width.replace('w', '')),
    })
  }
})

test.for(orders)(
  '%s vite-imagetools: words work in any order, and metadata is that of the cutout',
  async ([, plugins]) => {
    const project = await createProject({
      'src/main.js': "export { default as meta } from './cat.jpg?w=100&crop&as=metadata&nobg&format=png'",
    })
    const build = await buildProject(project, { plugins: plugins() })
    const { meta } = await build.run<{ meta: object }>()
    expect(meta).toMatchObject({ width: 100, format: 'png', hasAlpha: true })
  },
)

test.for(orders)('%s vite-imagetools: its own imports are unchanged', async ([, plugins]) => {
  const project = await createProject({
    'src/main.js': "export { default as cat } from './cat.jpg?w=50&format=png'",
  })
  const build = await buildProject(project, { plugins: plugins() })
  const { cat } = await build.run()
  expect(build.log).not.toMatch('nobg:')
  expect((await build.follow(cat)).byteLength).toBeGreaterThan(0)
})
