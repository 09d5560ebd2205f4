import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const packagesDir = resolve(import.meta.dirname, '../..')
const manifests = readdirSync(packagesDir)
  .map(dir => ({ dir, manifest: JSON.parse(readFileSync(join(packagesDir, dir, 'package.json'), 'utf8')) }))
  .filter(({ manifest }) => !manifest.private)

test('all published packages are found', () => {
  const names = manifests.map(({ dir }) => dir).sort()
  expect(names).toEqual([
    'astro',
    'cli',
    'core',
    'ipx',
    'onnx-optimizer',
    'review',
    'server',
    'sharp',
    'u2netp',
    'unplugin',
  ])
})

describe.each(manifests)('the manifest of $dir', ({ dir, manifest }) => {
  test('has the fields that registries show', () => {
    expect(manifest).toMatchObject({
      description: expect.stringMatching(/^[A-Z].{30,}\.$/),
      keywords: expect.arrayContaining([expect.any(String)]),
      license: dir === 'u2netp' ? 'Apache-2.0' : 'MIT',
      author: 'The nobg contributors',
      homepage: `https://github.com/nobg/nobg/tree/main/packages/${dir}#readme`,
      bugs: 'https://github.com/nobg/nobg/issues',
      repository: {
        type: 'git',
        url: 'git+https://github.com/nobg/nobg.git',
        directory: `packages/${dir}`,
      },
      engines: { node: '>=22.19' },
      publishConfig: { access: 'public' },
    })
  })

  test('comes with a license text and a README', () => {
    expect(existsSync(join(packagesDir, dir, 'LICENSE'))).toBe(true)
    expect(existsSync(join(packagesDir, dir, 'README.md'))).toBe(true)
  })

  test('has types for every code entry that is published', () => {
    for (const [entry, target] of Object.entries<Record<string, string>>(
      manifest.publishConfig.exports ?? {},
    )) {
      if (entry !== './package.json') expect(target).toMatchObject({ types: expect.any(String) })
    }
  })
})

test('the command does not install the server', () => {
  const cli = manifests.find(({ dir }) => dir === 'cli')?.manifest
  expect(cli.dependencies).not.toHaveProperty('@nobg/server')
  expect(cli.peerDependenciesMeta['@nobg/server']).toEqual({ optional: true })
})
