import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { execa } from 'execa'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const packagesDir = resolve(import.meta.dirname, '../..')
/** The package with the binaries of this system. */
const runtime = `runtime/platforms/${process.platform}-${process.arch}`
const published = ['u2netp', runtime, 'onnx-optimizer', 'core', 'unplugin', 'server', 'cli', 'sharp', 'astro']
const readManifest = (name: string) => readFile(join(packagesDir, name, 'package.json'), 'utf8')
/** The manifests before packing. */
const manifests = new Map(
  await Promise.all(published.map(async name => [name, await readManifest(name)] as const)),
)

/** Folder with one tarball per package, made by `npm pack`. */
let tarballs: string

beforeAll(async () => {
  tarballs = await mkdtemp(join(tmpdir(), 'nobg-pack-'))
  for (const name of published) {
    await execa('npm', ['pack', '--silent', '--pack-destination', tarballs], { cwd: join(packagesDir, name) })
  }
}, 300_000)

afterAll(() => rm(tarballs, { recursive: true, force: true }))

async function findTarball(name: string): Promise<string> {
  const { name: packageName } = JSON.parse(await readManifest(name))
  const prefix = packageName.replace('@', '').replace('/', '-')
  const file = (await readdir(tarballs)).find(file => file.startsWith(`${prefix}-0`))
  return join(tarballs, file ?? '')
}

describe.each(published)('%s', name => {
  test('packing restores the manifest', async () => {
    expect(await readManifest(name)).toBe(manifests.get(name))
    expect(await readdir(join(packagesDir, name))).not.toContain('package.json.orig')
  })

  test('publint finds nothing', async () => {
    const tarball = (await readFile(await findTarball(name))).buffer as ArrayBuffer
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
    expect(messages.map(message => formatMessage(message, pkg))).toEqual([])
  })

  test('are-the-types-wrong finds no problem', async () => {
    const result = await checkPackage(createPackageFromTarballData(await readFile(await findTarball(name))))
    if (!result.types) return expect(['u2netp', runtime]).toContain(name)
    // CommonJS resolves to ESM, which every supported Node can require.
    const problems = result.problems.filter(
      ({ kind }) => kind !== 'CJSResolvesToESM' && kind !== 'NoResolution',
    )
    expect(problems).toEqual([])
  })
})

describe('an empty project outside the workspace', () => {
  let project: string

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'nobg-project-'))
    await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }')
    // Astro is a peer of its integration, and npm would install all of it.
    const files = await Promise.all(published.filter(name => name !== 'astro').map(findTarball))
    const words = ['install', '--silent', '--no-audit', '--no-fund', ...files, 'vite']
    await execa('npm', words, { cwd: project })
    await cp(join(packagesDir, '../examples/vite/src/photos/coffee.png'), join(project, 'coffee.png'))
  }, 300_000)

  afterAll(() => rm(project, { recursive: true, force: true }))

  test('no package of nobg needs an install script, and only the binaries of this system are installed', async () => {
    const lock = await readFile(join(project, 'node_modules/.package-lock.json'), 'utf8')
    const { packages } = JSON.parse(lock) as { packages: Record<string, { hasInstallScript?: boolean }> }
    const names = Object.keys(packages).map(path => path.slice(path.lastIndexOf('node_modules/') + 13))
    expect(names.filter(name => /onnxruntime|@nobg.runtime/.test(name)).sort()).toEqual([
      `@nobg/runtime-${process.platform}-${process.arch}`,
      'onnxruntime-common',
    ])
    const withScripts = Object.keys(packages).filter(path => packages[path].hasInstallScript)
    expect(withScripts).toEqual([])
  })

  test('@nobg/core and nobg remove a background offline', async () => {
    await writeFile(
      join(project, 'cut.js'),
      `import { removeBackground } from 'nobg'
      import * as core from '@nobg/core'
      if (core.removeBackground !== removeBackground) throw new Error('nobg has another core')
      const { width, height, format, data } = await removeBackground('coffee.png', { model: 'u2netp' })
      console.log(JSON.stringify({ width, height, format, magic: [...data.subarray(1, 4)] }))`,
    )
    const { stdout } = await execa(process.execPath, ['cut.js'], { cwd: project })
    expect(JSON.parse(stdout)).toEqual({ width: 600, height: 400, format: 'png', magic: [80, 78, 71] })
  })

  test('npx nobg removes a background', async () => {
    const words = ['--no-install', 'nobg', 'coffee.png', '--model', 'u2netp', '-o', 'cup.webp', '--json']
    const { stdout } = await execa('npx', words, { cwd: project })
    const [picture] = stdout.split('\n').map(line => JSON.parse(line))
    expect(picture).toMatchObject({ status: 'written', file: 'cup.webp', width: 600, height: 400 })
    expect(await readdir(project)).toContain('cup.webp')
  })

  test('unplugin-nobg/vite builds a page', async () => {
    await writeFile(join(project, 'index.html'), '<script type="module" src="./main.js"></script>')
    await writeFile(
      join(project, 'main.js'),
      `import url from './coffee.png?nobg'; document.body.append(url)`,
    )
    await writeFile(
      join(project, 'vite.config.js'),
      `import nobg from 'unplugin-nobg/vite'
      export default { plugins: [nobg({ substitute: 'u2netp', enabled: true })] }`,
    )
    await execa(process.execPath, [join(project, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: project })
    const assets = await readdir(join(project, 'dist/assets'))
    expect(assets.filter(file => /^coffee-.*\.png$/.test(file))).toHaveLength(1)
  })
})
