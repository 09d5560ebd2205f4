import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { defaultCacheDir } from '../../src/cache/default-dir.ts'
import { makeTempDir } from './temp-dir.ts'

afterEach(() => vi.unstubAllEnvs())

it('is in node_modules if that exists', () => {
  const root = makeTempDir()
  mkdirSync(join(root, 'node_modules'))
  expect(defaultCacheDir(root)).toBe(join(root, 'node_modules', '.cache', 'nobg'))
})

it('is in node_modules of a package without one, and creates nothing', () => {
  const root = makeTempDir()
  writeFileSync(join(root, 'package.json'), '{}')
  expect(defaultCacheDir(root)).toBe(join(root, 'node_modules', '.cache', 'nobg'))
  expect(existsSync(join(root, 'node_modules'))).toBe(false)
})

it("is the package's if the root is a subfolder of it", () => {
  const root = makeTempDir()
  writeFileSync(join(root, 'package.json'), '{}')
  expect(defaultCacheDir(join(root, 'app', 'src'))).toBe(join(root, 'node_modules', '.cache', 'nobg'))
})

it('is .nobg-cache if there is no package', () => {
  const root = makeTempDir()
  expect(defaultCacheDir(root)).toBe(join(root, '.nobg-cache'))
})

it.each(['node_modules', 'node_modules/.cache'])('is next to node_modules if %s is a file', path => {
  const root = makeTempDir()
  if (path !== 'node_modules') mkdirSync(join(root, 'node_modules'))
  writeFileSync(join(root, path), '')
  expect(defaultCacheDir(root)).toBe(join(root, '.nobg-cache'))
})

const isRoot = process.getuid?.() === 0
it.skipIf(isRoot)(
  'is next to node_modules if that is not writable (skipped for root, which may write anywhere)',
  () => {
    const root = makeTempDir()
    mkdirSync(join(root, 'node_modules'), { mode: 0o555 })
    expect(defaultCacheDir(root)).toBe(join(root, '.nobg-cache'))
  },
)

it('is NOBG_CACHE_DIR, relative to the root', () => {
  const root = makeTempDir()
  vi.stubEnv('NOBG_CACHE_DIR', 'pictures/cache')
  expect(defaultCacheDir(root)).toBe(join(root, 'pictures', 'cache'))
  vi.stubEnv('NOBG_CACHE_DIR', '')
  expect(defaultCacheDir(root)).toBe(join(root, '.nobg-cache'))
})
