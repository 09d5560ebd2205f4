import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { makeDir, openWorkspace, type Workspace } from './support/workspace.ts'

let workspace: Workspace

beforeEach(() => {
  workspace = openWorkspace()
  workspace.put('cat', 'in/cat.jpg')
  workspace.put('astronaut', 'in/astronaut.jpg')
})

/** Runs the program with a cache and a models folder of its own. */
function start(words: string[], env: Record<string, string> = {}) {
  const dir = makeDir()
  return workspace.start(['in', '--mattes', 'mattes', '-f', 'webp', '--mask', ...words], {
    env: { NOBG_CACHE_DIR: dir, NOBG_MODELS_DIR: dir, ...env },
  })
}

const readAll = (folder: string) =>
  ['cat', 'cat-mask', 'astronaut', 'astronaut-mask'].map(name =>
    readFileSync(workspace.path(folder, `${name}.webp`)),
  )

test('without ONNX Runtime and weights, a frozen run gives the files of the run that predicted', async () => {
  expect(await start(['-o', 'first'])).toMatchObject({ code: 0 })
  const log = workspace.path('missing.log')
  writeFileSync(log, '')
  const env = {
    NODE_OPTIONS: `--require=${resolve(import.meta.dirname, 'fixtures/without-runtime.cjs')}`,
    NOBG_TEST_MISSING_LOG: log,
  }
  const { code, stderr } = await start(['--frozen', '-o', 'second'], env)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(readAll('second')).toEqual(readAll('first'))
  expect(readFileSync(log, 'utf8')).toBe('')

  // Without the mattes the same run needs what is missing: the packages are really not found.
  rmSync(workspace.path('mattes'), { recursive: true })
  expect((await start(['-o', 'third'], env)).code).not.toBe(0)
  expect(readFileSync(log, 'utf8')).toContain('@nobg/u2netp')
})

test('with another runtime, a frozen run gives the files of the run that predicted', async () => {
  expect(await start(['-o', 'first'])).toMatchObject({ code: 0 })
  expect(await start(['--frozen', '-o', 'second'], { NOBG_RUNTIME: 'wasm' })).toMatchObject({ code: 0 })
  expect(readAll('second')).toEqual(readAll('first'))
  // Without the mattes the runtimes differ by a level in places: equal files are the work of the mattes.
  rmSync(workspace.path('mattes'), { recursive: true })
  expect(await start(['-o', 'third'], { NOBG_RUNTIME: 'wasm' })).toMatchObject({ code: 0 })
  expect(readAll('third')).not.toEqual(readAll('first'))
})
