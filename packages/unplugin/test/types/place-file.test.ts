import { relative } from 'node:path'
import { expect, test } from 'vitest'
import { findProject } from '../../src/types/find-project.ts'
import { placeFile } from '../../src/types/place-file.ts'
import { createProject } from '../support/project.ts'

const json = (value: object) => `// a comment\n${JSON.stringify(value)}`

/** The place of the file for importers in a project of these files. */
async function findPlace(files: Record<string, string>, importers: string[]): Promise<string> {
  const project = await createProject(files)
  const file = placeFile(
    findProject(project.root),
    importers.map(path => project.path(path)),
  )
  return relative(project.root, file).replaceAll('\\', '/')
}

const references = {
  'tsconfig.json': json({
    files: [],
    references: [{ path: './tsconfig.app.json' }, { path: './tsconfig.node.json' }],
  }),
  'tsconfig.node.json': json({ include: ['vite.config.ts'] }),
}

test.for<[name: string, place: string, files: Record<string, string>, importers: string[]]>([
  ['a tsconfig without include', 'nobg-env.d.ts', { 'tsconfig.json': '{}' }, ['src/main.ts']],
  [
    'a tsconfig of src',
    'src/nobg-env.d.ts',
    { 'tsconfig.json': json({ include: ['src'] }) },
    ['src/main.ts'],
  ],
  [
    'references, one of them for src',
    'src/nobg-env.d.ts',
    { ...references, 'tsconfig.app.json': json({ include: ['src/**/*.ts', 'src/**/*.vue'] }) },
    ['src/deep/App.vue'],
  ],
  [
    'a reference to a folder',
    'web/nobg-env.d.ts',
    { 'tsconfig.json': json({ files: [], references: [{ path: './web' }] }), 'web/tsconfig.json': '{}' },
    ['web/main.ts'],
  ],
  [
    'references, each to the other',
    'src/nobg-env.d.ts',
    {
      'tsconfig.json': json({ files: [], references: [{ path: './tsconfig.app.json' }] }),
      'tsconfig.app.json': json({ include: ['src'], references: [{ path: '.' }] }),
    },
    ['src/main.ts'],
  ],
  [
    'an include of a parent configuration',
    'src/nobg-env.d.ts',
    {
      'tsconfig.json': json({ extends: './.kit/tsconfig.json' }),
      '.kit/tsconfig.json': json({ include: ['../src/**/*.ts'] }),
    },
    ['src/routes/+page.svelte'],
  ],
  [
    'a reference of a tool’s folder',
    'app/nobg-env.d.ts',
    {
      'tsconfig.json': json({ files: [], references: [{ path: './.nuxt/tsconfig.app.json' }] }),
      '.nuxt/tsconfig.app.json': json({ include: ['../app/**/*'] }),
      'app/app.vue': '',
    },
    ['app/app.vue'],
  ],
  [
    'two projects with imports and a folder of both',
    'src/nobg-env.d.ts',
    {
      'tsconfig.json': json({ files: [], references: [{ path: './a.json' }, { path: './b.json' }] }),
      'a.json': json({ include: ['*.ts', 'src/*.ts'] }),
      'b.json': json({ include: ['src'] }),
    },
    ['main.ts', 'src/main.ts'],
  ],
  ['no imports yet', 'nobg-env.d.ts', { 'tsconfig.json': json({ include: ['src'] }) }, []],
  ['no tsconfig', 'nobg-env.d.ts', { 'package.json': '{}' }, ['src/main.ts']],
  [
    'a file in another folder of the project',
    'src/nobg-env.d.ts',
    { 'tsconfig.json': '{}', 'src/nobg-env.d.ts': '' },
    ['src/main.ts'],
  ],
])('%s: the file is %s', async ([, place, files, importers]) => {
  expect(await findPlace(files, importers)).toBe(place)
})

test('a tsconfig that extends a missing file is an error', async () => {
  const files = { 'tsconfig.json': json({ extends: './.kit/tsconfig.json' }) }
  await expect(findPlace(files, ['src/main.ts'])).rejects.toMatchObject({
    code: 'INVALID_SOURCE',
    message: expect.stringContaining('.kit/tsconfig.json'),
  })
})

test.for([
  ['next.config.ts', 'next'],
  ['astro.config.mjs', 'astro'],
  ['vite.config.ts', 'other'],
] as const)('a project with %s is of the kind %s', async ([file, name]) => {
  const project = await createProject({ 'package.json': '{}', [file]: '' })
  expect(findProject(project.path('src'))).toMatchObject({ dir: project.root, host: { name } })
})
