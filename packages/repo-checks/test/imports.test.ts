import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')

interface Import {
  /** Path of the importing file below the package's `src`. */
  file: string
  /** Path of the imported file below `src`, or the name of a package. */
  target: string
}

/** Every `from '…'` and `import('…')` of a package's sources. */
async function readImports(name: string): Promise<Import[]> {
  const src = resolve(root, 'packages', name, 'src')
  const files = await glob('**/*.ts', { cwd: src })
  const imports = await Promise.all(
    files.map(async file => {
      const text = await readFile(resolve(src, file), 'utf8')
      const matches = text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)
      return [...matches].map(([, from]) => ({
        file,
        target: from.startsWith('.') ? relative(src, resolve(src, dirname(file), from)) : from,
      }))
    }),
  )
  return imports.flat()
}

/** The first folder of a path, or `.` for a file outside the folders. */
function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '.'
}

/** Whether the target of an import is a file of the same package. */
function isOwn({ target }: Import): boolean {
  return target.endsWith('.ts')
}

/** The layers of each package, from the top; a folder may import itself and the folders of lower layers. */
const layers: Record<string, string[][]> = {
  core: [
    ['.'],
    ['pipeline'],
    ['workers'],
    ['options', 'image', 'matting', 'mattes', 'models', 'cache'],
    ['shared'],
  ],
  unplugin: [
    ['.'],
    ['vite', 'esbuild', 'webpack', 'rollup', 'next'],
    ['core'],
    ['types'],
    ['references', 'progress'],
  ],
}

describe.each(Object.entries(layers))('the layers of %s', (name, rows) => {
  const depth = (path: string) => rows.findIndex(row => row.includes(folderOf(path)))

  test('hold every folder', async () => {
    const folders = new Set((await readImports(name)).map(({ file }) => folderOf(file)))
    expect([...folders].filter(folder => !rows.flat().includes(folder))).toEqual([])
  })

  test('are imported downwards only', async () => {
    const imports = (await readImports(name)).filter(isOwn)
    expect(imports.length).toBeGreaterThan(50)
    const wrong = imports.filter(
      ({ file, target }) => folderOf(file) !== folderOf(target) && depth(target) <= depth(file),
    )
    expect(wrong).toEqual([])
  })
})

/** Folders of the server, and the folders that each must not import. */
const forbidden: Record<string, string[]> = {
  requests: [
    '.',
    'http',
    'fal',
    'files',
    'webhooks',
    'operations',
    'queue',
    'redis',
    'jobs',
    'net',
    'storage',
  ],
  queue: ['.', 'http', 'fal', 'redis', 'jobs', 'webhooks', 'operations'],
  redis: ['.', 'http', 'queue', 'operations'],
  jobs: ['.', 'http', 'queue', 'redis'],
  fal: ['.', 'http', 'queue', 'redis'],
  files: ['.', 'http', 'fal', 'queue', 'redis', 'jobs'],
  net: ['.', 'http', 'fal', 'files', 'queue', 'redis', 'jobs', 'webhooks'],
  storage: ['.', 'http', 'fal', 'queue', 'jobs'],
}

test.each(Object.entries(forbidden))('%s of server does not import %s', async (folder, others) => {
  const imports = (await readImports('server')).filter(({ file }) => folderOf(file) === folder)
  expect(imports.length).toBeGreaterThan(0)
  expect(imports.filter(own => isOwn(own) && others.includes(folderOf(own.target)))).toEqual([])
})

test.each([
  ['sharp', 'image/'],
  ['onnxruntime-node', 'models/'],
  ['keyv', 'cache/'],
  ['tinypool', 'workers/'],
  ['proper-lockfile', 'shared/lock.ts'],
  ['@nobg/onnx-optimizer', 'models/'],
])('core imports %s in %s only', async (library, owner) => {
  const users = (await readImports('core')).filter(({ target }) => target === library)
  expect(users.length).toBeGreaterThan(0)
  expect(users.filter(({ file }) => !file.startsWith(owner))).toEqual([])
})

/** Imports of the page, which runs in browsers. */
test('the page of review imports only arithmetic of core, and types of its server part', async () => {
  const page = resolve(root, 'packages/review/page/src')
  const texts = await Promise.all(
    (await glob('*.ts', { cwd: page, absolute: true })).map(file => readFile(file, 'utf8')),
  )
  const targets = texts.flatMap(text => [...text.matchAll(/from '([^']+)'/g)].map(([, target]) => target))
  const others = new Set(targets.filter(target => !target.startsWith('./')))
  expect([...others].sort()).toEqual(['../../src/protocol.ts', '@nobg/core/matting'])
  const [protocol] = (await readImports('review')).filter(({ file }) => file === 'protocol.ts')
  expect(protocol).toBeUndefined()
})

test('onnx-optimizer imports no other package', async () => {
  const imports = await readImports('onnx-optimizer')
  expect(imports.length).toBeGreaterThan(20)
  expect(imports.filter(own => !isOwn(own) && !own.target.startsWith('node:'))).toEqual([])
})
