import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as core from '@nobg/core'
import * as nobg from 'nobg'
import { describe, expect, test } from 'vitest'
import { openWorkspace } from './support/workspace.ts'

describe('the package nobg', () => {
  test('exports what @nobg/core exports', () => {
    expect(Object.keys(nobg).sort()).toEqual(Object.keys(core).sort())
    expect(nobg.removeBackground).toBe(core.removeBackground)
    expect(nobg.createRemover).toBe(core.createRemover)
  })

  test('gives CommonJS the named exports by require', () => {
    const { removeBackground, createRemover } = createRequire(import.meta.url)('nobg')
    expect([typeof removeBackground, typeof createRemover]).toEqual(['function', 'function'])
  })
})

describe('without @nobg/server', () => {
  const workspace = openWorkspace()
  const hook = join(workspace.dir, 'hook.mjs')
  // Node resolves the package from a folder that has no packages, and fails as it does if the package is not installed.
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module'
    registerHooks({
      resolve: (specifier, context, next) =>
        next(specifier, specifier === '@nobg/server' ? { ...context, parentURL: 'file:///nowhere/a.js' } : context),
    })`,
  )
  const start = (words: string[]) =>
    workspace.start(words, { env: { NODE_OPTIONS: `--import ${pathToFileURL(hook).href}` } })

  test.each([
    ['serve', ['serve', '--port', '0']],
    ['worker', ['worker', '--redis', 'redis://127.0.0.1:1']],
  ])('nobg %s says how to install it', async (_, words) => {
    const { code, stderr } = await start(words)
    expect(stderr).toContain('[INVALID_OPTION] Expected the package @nobg/server, but it is not installed.')
    expect(stderr).toContain('npm i @nobg/server')
    expect(code).toBe(2)
  })

  test('the other commands work', async () => {
    expect(await start(['models', '--json'])).toMatchObject({ code: 0, stderr: '' })
    expect(await start(['serve', '--help'])).toMatchObject({ code: 0, stderr: '' })
  })
})
