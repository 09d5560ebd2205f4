import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
const core = resolve(root, 'packages/core/src')

/** Every `from '…'` and `import('…')` of a folder's sources. */
async function readImports(folder: string): Promise<{ file: string; from: string }[]> {
  const files = await glob('**/*.ts', { cwd: folder, absolute: true })
  const imports = await Promise.all(
    files.map(async path => {
      const text = await readFile(path, 'utf8')
      const matches = text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)
      return [...matches].map(([, from]) => ({ file: relative(root, path), from }))
    }),
  )
  return imports.flat()
}

/** What all of core may stand on. */
const ground =
  /^(types|errors|flight|lock|folder|lock-holder|open-files|abbreviate|http|user-dir|bundle)\.ts$/

describe('the five folders of core', () => {
  const folders = ['options', 'image', 'matting', 'models', 'cache']

  test.each(folders)('%s imports no sibling', async folder => {
    const imports = await readImports(resolve(core, folder))
    expect(imports.length).toBeGreaterThan(0)
    const outside = imports.filter(
      ({ from }) => from.startsWith('../') && !ground.test(from.slice('../'.length)),
    )
    // A folder's own subfolders reach up inside it, and no further.
    const beyond = outside.filter(({ file, from }) => {
      const target = resolve(root, file, '..', from)
      return !target.startsWith(`${resolve(core, folder)}/`) && !ground.test(relative(core, target))
    })
    expect(beyond).toEqual([])
  })
})

test.each([
  ['sharp', 'image'],
  ['onnxruntime-node', 'models'],
  ['keyv', 'cache'],
  ['zod', 'options'],
  ['tinypool', 'workers'],
  ['proper-lockfile', 'lock.ts'],
])('%s is owned by %s', async (library, owner) => {
  const imports = await readImports(core)
  const users = imports.filter(({ from }) => from === library).map(({ file }) => file)
  expect(users.length).toBeGreaterThan(0)
  expect(users.filter(file => !file.startsWith(`packages/core/src/${owner}`))).toEqual([])
})

test.each([
  [['types.ts', 'abbreviate.ts'], []],
  [['errors.ts'], ['./abbreviate.ts']],
  [
    ['flight.ts', 'lock.ts', 'folder.ts', 'lock-holder.ts', 'open-files.ts', 'http.ts', 'bundle.ts'],
    ['./errors.ts', './folder.ts', './lock-holder.ts', './abbreviate.ts', './types.ts'],
  ],
])('%s import of core nothing but %s', async (files, allowed) => {
  const imports = await readImports(core)
  const own = imports.filter(
    ({ file, from }) => files.includes(relative(core, resolve(root, file))) && from.startsWith('.'),
  )
  expect(own.filter(({ from }) => !allowed.includes(from))).toEqual([])
})
