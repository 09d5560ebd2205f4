import { existsSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { parseReference, type Reference } from '../../src/references/reference.ts'
import { keepDeclarations } from '../../src/types/keep-declarations.ts'
import { createProject, type Project } from '../support/project.ts'

const logger = { info() {}, warn: vi.fn() }
const files = {
  'tsconfig.json': '{ "include": ["src"] }',
  'src/main.ts':
    "import ada from './cat.jpg?nobg&crop=5%&model=portrait'\nimport cat from './cat.jpg?nobg&threshold=0.5'",
}

/** The ends that a file declares. */
async function readEnds(project: Project, file = 'src/nobg-env.d.ts'): Promise<string[]> {
  return [...String(await project.read(file)).matchAll(/^declare module "\*(.*)" \{$/gm)].map(
    ([, end]) => end,
  )
}

function referTo(specifier: string): Reference {
  const reference = parseReference(specifier)
  if (!reference) throw new Error(`expected a marked reference, got ${specifier}`)
  return reference
}

test('the imports that the client does not declare are declared, sorted', async () => {
  const project = await createProject({
    ...files,
    'src/more.vue':
      "<script>import a from './cat.jpg?nobg&allowEmpty&crop=1'; import b from './cat.jpg?nobg'</script>",
    'node_modules/other/main.js': "import cat from './cat.jpg?nobg&threshold=0.1'",
  })
  await keepDeclarations(undefined, project.root, logger).ready
  expect(String(await project.read('src/nobg-env.d.ts'))).toContain(
    '/// <reference types="unplugin-nobg/client" />',
  )
  expect(await readEnds(project)).toEqual(['?nobg&allowEmpty&crop=1', '?nobg&threshold=0.5'])
})

test('a file that is up to date is not written again, even with other line ends', async () => {
  const project = await createProject(files)
  await keepDeclarations(undefined, project.root, logger).ready
  const text = String(await project.read('src/nobg-env.d.ts')).replaceAll('\n', '\r\n')
  await project.write('src/nobg-env.d.ts', text)
  const before = statSync(project.path('src/nobg-env.d.ts'))
  await keepDeclarations(undefined, project.root, logger).ready
  expect(statSync(project.path('src/nobg-env.d.ts'))).toMatchObject({
    ino: before.ino,
    mtimeMs: before.mtimeMs,
  })
})

test('imports that are gone are not declared', async () => {
  const project = await createProject(files)
  await keepDeclarations(undefined, project.root, logger).ready
  await rm(project.path('src/main.ts'))
  await keepDeclarations(undefined, project.root, logger).ready
  expect(await readEnds(project)).toEqual([])
})

test('a new reference updates the file, also if it was there before', async () => {
  const project = await createProject(files)
  const keeper = keepDeclarations(undefined, project.root, logger)
  await keeper.ready
  for (const end of ['?nobg&crop=1', '?nobg&crop=2', '?nobg&crop=1']) {
    await project.write('src/main.ts', `export * from './cat.jpg${end}'`)
    await keeper.note(referTo(`./cat.jpg${end}`))
    expect(await readEnds(project)).toEqual([end])
  }
})

test('a known reference does not update the file', async () => {
  const project = await createProject(files)
  const keeper = keepDeclarations(undefined, project.root, logger)
  await keeper.ready
  await rm(project.path('src/nobg-env.d.ts'))
  await keeper.note(referTo('./cat.jpg?nobg&threshold=0.5'))
  expect(existsSync(project.path('src/nobg-env.d.ts'))).toBe(false)
})

test.for<
  [name: string, dts: boolean | string | undefined, files: Record<string, string>, file: string | undefined]
>([
  ['a project without imports', undefined, { 'tsconfig.json': '{}', 'src/main.ts': '' }, undefined],
  [
    'a project without a tsconfig',
    undefined,
    { 'package.json': '{}', 'src/main.ts': files['src/main.ts'] },
    undefined,
  ],
  ['the option true', true, { 'package.json': '{}', 'src/main.ts': files['src/main.ts'] }, 'nobg-env.d.ts'],
  ['the option false', false, files, undefined],
  ['a path', 'types/nobg.d.ts', files, 'types/nobg.d.ts'],
  ['Astro', undefined, { ...files, 'astro.config.mjs': '' }, undefined],
])('%s: the file is right', async ([, dts, given, file]) => {
  const project = await createProject(given)
  await keepDeclarations(dts, project.root, logger).ready
  for (const path of ['nobg-env.d.ts', 'src/nobg-env.d.ts', 'types/nobg.d.ts'])
    expect([path, existsSync(project.path(path))]).toEqual([path, path === file])
})

test('the types are those of Next.js in its projects', async () => {
  const project = await createProject({ ...files, 'next.config.mjs': '' })
  await keepDeclarations(undefined, project.root, logger).ready
  const text = String(await project.read('src/nobg-env.d.ts'))
  expect(text).toContain('unplugin-nobg/next-client')
  expect(text).toContain('const image: import("next/image").StaticImageData;')
})

test('a file that cannot be written is a warning, once', async () => {
  const project = await createProject({ ...files, 'src/nobg-env.d.ts/in-the-way': '' })
  logger.warn.mockClear()
  for (let run = 0; run < 2; run++) await keepDeclarations('src/nobg-env.d.ts', project.root, logger).ready
  expect(logger.warn).toHaveBeenCalledOnce()
  expect(logger.warn.mock.calls[0][0]).toContain('nobg-env.d.ts')
})
