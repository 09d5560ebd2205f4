import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { glob } from 'tinyglobby'
import { expect, test } from 'vitest'
import { RUNTIME_DIR } from '../src/copy-runtime.ts'
import { createManifest, nameOf, PLATFORMS } from '../src/platforms.ts'

const packageDir = join(import.meta.dirname, '..')
const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'))

test('every system that onnxruntime-node has binaries for has a package', async () => {
  const folders = await glob('bin/napi-v*/*/*', { cwd: RUNTIME_DIR, onlyDirectories: true, deep: 4 })
  const names = folders.map(folder => folder.replace(/\/$/, '').split('/').slice(2).join('-'))
  expect(names.length).toBeGreaterThan(0)
  expect(PLATFORMS.map(nameOf).sort()).toEqual(names.sort())
  expect((await readdir(join(packageDir, 'platforms'))).sort()).toEqual(names.sort())
})

test.each(PLATFORMS.map(platform => [nameOf(platform), platform] as const))(
  'the manifest of %s',
  (name, platform) => {
    const manifest = readJson(packageDir, 'platforms', name, 'package.json')
    expect(manifest).toEqual(createManifest(platform, manifest.version))
    expect(JSON.stringify(manifest.scripts)).not.toContain('install')
  },
)

test('core depends on every package, and on none that a system must have', () => {
  const { dependencies, optionalDependencies } = readJson(packageDir, '../core/package.json')
  const names = PLATFORMS.map(platform => `@nobg/runtime-${nameOf(platform)}`)
  expect(Object.keys(optionalDependencies).sort()).toEqual(names.sort())
  expect(Object.keys(dependencies).join()).not.toMatch(/onnxruntime/)
})
