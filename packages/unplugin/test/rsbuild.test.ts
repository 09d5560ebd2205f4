import { readdir } from 'node:fs/promises'
import { createRsbuild } from '@rsbuild/core'
import { expect, test } from 'vitest'
import nobg, { type Options } from '../src/rsbuild.ts'
import { testOptions } from './support/cache-dir.ts'
import { expectCutout } from './support/picture.ts'
import { createProject, type Project } from './support/project.ts'

/** Builds `src/main.js`. @returns the lines of the log. */
async function build(project: Project, options: Options = {}): Promise<string[]> {
  const lines: string[] = []
  const keep = (line: unknown) => void lines.push(String(line))
  const rsbuild = await createRsbuild({
    cwd: project.root,
    config: {
      source: { entry: { main: './src/main.js' } },
      output: { dataUriLimit: 0, filename: { image: '[name][ext]' } },
      plugins: [nobg({ ...testOptions, ...options })],
    },
  })
  Object.assign(rsbuild.logger, { info: keep, warn: keep, ready: keep, start: keep, error: keep })
  const { close } = await rsbuild.build()
  await close()
  return lines
}

test('a build emits the cutout, logs the size of each picture, and warns of large pictures', async () => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
  const log = (await build(project, { warnAboveBytes: 1000 })).join('\n')
  expect(log).toMatch(/nobg: 1 (?:image processed|from cache)/)
  expect(log).toContain('webp, 240 × 160 px')
  expect(log).toContain('option warnAboveBytes')
  const [picture] = await readdir(project.path('dist/static/image'))
  await expectCutout(await project.read(`dist/static/image/${picture}`))
})
